/* Everything by keyboard: popups take the focus and give it back, Escape closes what is open, arrows walk through
   what a search found. Who asks for less motion gets none. */
plan.part(() => {
  const { ui, map, mapNode, small, toggle } = plan;

  mapNode.setAttribute("role", "region");
  mapNode.setAttribute("aria-label", ui.map_label);
  document.getElementById("plan-panel").setAttribute("aria-label", ui.show_panel);

  let back = null; // who had the focus before a popup took it
  map.on("popupopen", ({ popup }) => {
    const node = popup.getElement(), content = node.querySelector(".leaflet-popup-content");
    node.setAttribute("role", "dialog");
    node.setAttribute("aria-label", (content.querySelector("h3") || content).textContent.slice(0, 80));
    const close = node.querySelector(".leaflet-popup-close-button");
    if (close) { close.setAttribute("aria-label", ui.close); close.title = ui.close; }
    content.tabIndex = -1;
    if (!node.contains(document.activeElement)) back = document.activeElement;
    content.focus({ preventScroll: true });
  });
  map.on("popupclose", ({ popup }) => {
    const held = popup.getElement() && popup.getElement().contains(document.activeElement);
    if (held || document.activeElement === document.body) (back && back.isConnected && back !== document.body ? back : mapNode).focus({ preventScroll: true });
    back = null;
  });

  document.addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    const open = map._popup && map.hasLayer(map._popup);
    if (open) map.closePopup();
    else if (small.matches && document.body.classList.contains("panel-open")) { toggle(false); document.getElementById("plan-toggle").focus(); }
    else return;
    e.preventDefault();
  }, { signal: plan.life.signal });

  const find = document.querySelector(".find");
  find.addEventListener("keydown", (e) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!step) return;
    const all = [find.querySelector("input"), ...find.querySelectorAll("button")];
    const next = all[all.indexOf(document.activeElement) + step];
    if (next) { e.preventDefault(); next.focus(); }
  });

  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
    map.options.inertia = false;
    map._zoomAnimated = false;
    const panBy = map.panBy;
    map.panBy = (offset, options) => panBy.call(map, offset, { ...options, animate: false });
  }
});
