/* The map itself: controls, the whole of it, and widths that follow the zoom. */
plan.part(() => {
  const { data, ui, map, el, put, small, symbolRadius } = plan;

  map.attributionControl.setPrefix("Leaflet");
  L.control.zoom({ position: "topleft", zoomInTitle: ui.zoom_in, zoomOutTitle: ui.zoom_out, zoomOutText: "–" }).addTo(map);
  L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 160 }).addTo(map);
  const north = L.control({ position: "topright" });
  north.onAdd = () => {
    const box = el("div", "north");
    put(box, el("span", "needle"), el("span", "", ui.north));
    return box;
  };
  north.addTo(map);
  const home = L.control({ position: "topleft" });
  home.onAdd = () => {
    const bar = el("div", "leaflet-bar");
    const a = put(el("a", "home"), el("span", "frame"));
    a.href = "#"; a.title = ui.home; a.setAttribute("role", "button"); a.setAttribute("aria-label", ui.home);
    L.DomEvent.on(a, "click", (e) => { L.DomEvent.stop(e); whole(); });
    L.DomEvent.disableClickPropagation(bar);
    return put(bar, a);
  };
  home.addTo(map);
  const bounds = L.latLngBounds(data.bounds);
  function whole() { map.closePopup(); map.fitBounds(bounds, { padding: small.matches ? [8, 8] : [24, 24], animate: false }); }

  // Widths in metres and sizes of symbols follow the zoom; set before the renderer redraws.
  const sized = [];
  function perMetre() {
    const c = map.getCenter();
    return Math.pow(2, map.getZoom()) * 256 / (40075016.686 * Math.cos((c.lat * Math.PI) / 180));
  }
  function resize() {
    const z = map.getZoom(), px = perMetre();
    for (const p of sized) {
      const o = p.options;
      if (o.metres) o.weight = Math.max(o.least, o.metres * px);
      else if (o.round) { o.radius = p._radius = Math.max(1.2, o.round * px); }
      else { o.radius = p._radius = symbolRadius(o.style, z); }
    }
  }
  map.on("zoomend", resize);
  const renderer = L.canvas({ padding: 0.4, tolerance: 5 });

  Object.assign(plan, { whole, sized, perMetre, resize, renderer });
});
