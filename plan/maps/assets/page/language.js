/* The second language: the same page with other words. What is looked at stays as it is. */
(() => {
  const text = document.getElementById("plan-data").textContent;
  const whole = (change) => change && typeof change === "object" && "=" in change;
  function changed(value, change) {
    if (whole(change)) return change["="];
    if (!change || typeof change !== "object") return change;
    for (const key of Object.keys(change)) value[key] = changed(value[key], change[key]);
    return value;
  }
  plan.read = (lang) => {
    const data = JSON.parse(text), other = data.other;
    if (!lang || lang === data.lang) return data;
    return changed(data, other.texts);
  };
})();

plan.part(() => {
  const { data, ui, el } = plan;

  document.documentElement.lang = data.lang === "zh" ? "zh-CN" : "en";
  document.title = data.title;
  const tools = document.getElementById("plan-tools");
  tools.querySelectorAll(".tool").forEach((node) => node.remove());
  const button = el("button", "tool language", ui.language);
  button.type = "button"; button.title = ui.language_title; button.lang = data.other.lang === "zh" ? "zh-CN" : "en";
  button.addEventListener("click", () => redraw(plan.data.lang === "zh" ? "en" : "zh"));
  tools.prepend(button);

  // Where things stand: the same list in both languages, so the position of each is enough.
  const fields = () => [...plan.panel.querySelectorAll("select, input:not([type=checkbox])")];
  const folds = () => [...document.querySelectorAll("#plan-about, #plan-panel details")];
  const pressed = () => [...plan.panel.querySelectorAll("[aria-pressed]")];
  function redraw(lang) {
    const { map } = plan, opened = map._popup && map.hasLayer(map._popup) ? plan.opened : null;
    const was = {
      view: [map.getCenter(), map.getZoom()], panel: document.body.classList.contains("panel-open"),
      shown: plan.data.layers.map((layer) => map.hasLayer(layer.group)), fields: fields().map((f) => f.value),
      folds: folds().map((d) => d.open), pressed: pressed().map((b) => b.getAttribute("aria-pressed")), scroll: plan.panel.scrollTop,
      swipe: plan.swipe.on, share: plan.swipe.share,
    };
    const draft = document.querySelector(".remark-form") ? plan.draft() : null;
    const options = { ...map.options };
    plan.life.abort();
    plan.life = new AbortController();
    delete document.documentElement.dataset.ready;
    map.remove();
    plan.mapNode.replaceChildren();
    plan.map = window[plan.mapNode.id] = L.map(plan.mapNode, options).setView(...was.view, { animate: false });
    plan.lang = lang;
    plan.draw();
    plan.toggle(was.panel);
    fields().forEach((f, i) => {
      if (f.value === was.fields[i] || was.fields[i] === undefined) return;
      f.value = was.fields[i];
      f.dispatchEvent(new Event("input", { bubbles: true })); f.dispatchEvent(new Event("change", { bubbles: true }));
    });
    pressed().forEach((b, i) => { if (b.getAttribute("aria-pressed") !== was.pressed[i]) b.click(); });
    plan.data.layers.forEach((layer, i) => {
      if (plan.map.hasLayer(layer.group) === was.shown[i]) return;
      if (layer.box) layer.box.checked = was.shown[i];
      plan.show(layer, was.shown[i]);
    });
    folds().forEach((d, i) => { if (was.folds[i] !== undefined) d.open = was.folds[i]; });
    plan.panel.scrollTop = was.scroll;
    plan.map.setView(...was.view, { animate: false });
    if (was.swipe) { plan.swipe.toggle(true); plan.swipe.move(was.share); }
    if (opened) plan.open(plan.data.layers[opened[0]], opened[1], opened[2], { autoPan: false });
    if (draft) { plan.write(...draft); return; }
    document.querySelector("#plan-tools .language").focus({ preventScroll: true });
  }

  Object.assign(plan, { redraw });
});
