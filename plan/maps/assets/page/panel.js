/* The title block above the map and the panel beside it. */
plan.part(() => {
  const { data, ui, map, el, put, small } = plan;

  document.getElementById("plan-title").textContent = data.title;
  const meta = document.getElementById("plan-meta");
  meta.replaceChildren();
  data.meta.forEach(([k, v]) => put(meta, put(el("span", "fact"), el("b", "", k), el("span", "", v))));
  if (data.credit) {
    const credit = L.control({ position: "bottomright" });
    credit.onAdd = () => el("div", "credit", data.credit);
    credit.addTo(map);
  }
  const about = document.getElementById("plan-about");
  about.querySelector("summary").textContent = ui.details;
  if (small.matches) about.open = false;

  const panel = document.getElementById("plan-panel");
  panel.replaceChildren();
  const button = document.getElementById("plan-toggle");
  function toggle(on) {
    document.body.classList.toggle("panel-open", on);
    button.textContent = on ? ui.hide_panel : ui.show_panel;
    button.setAttribute("aria-expanded", String(on));
    map.invalidateSize({ animate: false });
  }
  button.addEventListener("click", () => toggle(!document.body.classList.contains("panel-open")), { signal: plan.life.signal });

  if (data.headline) panel.appendChild(put(el("p", "headline " + data.headline.status), el("span", "badge " + data.headline.status, data.headline.symbol), el("strong", "", data.headline.text)));

  Object.assign(plan, { panel, toggle });
});
