/* What a stairwell is told of its elevator: by building, and at its shaft. */
plan.part(() => {
  const { data, ui, el, put, clauseNode } = plan;

  const ofBuilding = new Map();
  const all = data.stairs ? data.stairs.of : [], text = (n) => data.stairs.texts[n];
  all.forEach((one, n) => ofBuilding.set(one.building, [...(ofBuilding.get(one.building) || []), n]));

  function table(cls, heads, rows) {
    const node = el("table", cls);
    const head = put(el("thead"), put(el("tr"), ...heads.map((n) => el("th", "", text(n)))));
    const body = put(el("tbody"), ...rows.map((row) => put(el("tr"), ...row.map((n) => el("td", "", text(n))))));
    return put(node, head, body);
  }
  function body(one) {
    const box = el("div", "stair-body");
    const facts = put(el("table"), ...one.facts.map(([label, said]) => put(el("tr"), el("th", "", text(label)), el("td", "", text(said)))));
    box.appendChild(facts);
    if (one.clear.length) {
      box.appendChild(el("h5", "", ui.clearances));
      const list = el("ul", "clear");
      for (const [said, kept, clause] of one.clear) {
        const item = put(el("li", kept ? "kept" : "short"), el("span", "", text(said)));
        if (clause !== null) item.appendChild(clauseNode(data.clauses[clause], false));
        list.appendChild(item);
      }
      box.appendChild(list);
    }
    if (one.floors.length) {
      box.appendChild(el("h5", "", ui.floors));
      box.appendChild(put(el("div", "wide"), table("floors", one.heads, one.floors)));
    }
    for (const note of one.notes) box.appendChild(el("p", "note", text(note)));
    return box;
  }
  function head(one) {
    const verdict = data.stairs.verdicts[one.verdict];
    return [el("span", "badge " + verdict.style, verdict.symbol), el("b", "", ui.stair.replace("{name}", () => one.name)), el("span", "word", verdict.word)];
  }
  function stairsOf(layer, i) {
    if (!data.stairs) return null;
    if (layer.stairs) {
      const one = all[layer.stairs[i]];
      return put(el("div", "stair"), put(el("p", "stair-head"), ...head(one)), body(one));
    }
    const mine = layer.id === "buildings" ? ofBuilding.get(layer.ids[i]) : null;
    if (!mine) return null;
    const box = put(el("div", "stairs"), el("h4", "", ui.stairs));
    for (const n of mine) {
      const one = all[n], fold = el("details", "stair");
      put(fold, put(el("summary"), ...head(one)));
      // Written when it is opened: a long building has many stairwells.
      fold.addEventListener("toggle", () => { if (fold.open && fold.children.length < 2) fold.appendChild(body(one)); });
      box.appendChild(fold);
    }
    return box;
  }

  Object.assign(plan, { stairsOf });
});
