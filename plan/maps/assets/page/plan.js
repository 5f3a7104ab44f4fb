/* The hearing map is drawn from the JSON in the page by the parts that follow, in their order; what one
   part makes for the others it puts on this object. Text from data reaches the page only through textContent,
   the title attribute and canvas fillText: nothing in it is ever parsed or run. */
"use strict";
const plan = {
  makes: [],
  life: new AbortController(), // of what listens to the window and the header; it ends when the page is drawn anew
  part(make) { plan.makes.push(make); },
  // The frame of a notebook has no size until it is shown: then the map is drawn.
  start() {
    const sized = () => window.innerWidth && window.innerHeight;
    const draw = () => { plan.draw(); };
    if (sized()) { draw(); return; }
    const sizes = new ResizeObserver(() => { if (sized()) { sizes.disconnect(); draw(); } });
    sizes.observe(document.documentElement);
  },
  draw() { for (const make of plan.makes) make(); },
};

plan.part(() => {
  const data = plan.read(plan.lang);
  const mapNode = document.querySelector(".folium-map");

  function el(tag, cls, text) {
    const node = document.createElement(tag);
    if (cls) node.className = cls;
    if (text !== undefined && text !== null) node.textContent = text;
    return node;
  }
  function put(parent, ...children) {
    for (const child of children) if (child) parent.appendChild(child);
    return parent;
  }

  // A sentence of the table with its figures.
  function fill(sentence, values) {
    return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  }

  Object.assign(plan, {
    fill, data, ui: data.ui, mapNode, map: plan.map || window[mapNode.id], el, put,
    FONT: getComputedStyle(document.body).fontFamily,
    SCALE: Math.max(1, Math.min(1.45, window.innerWidth / 1500)), // a projector is read from afar
    small: window.matchMedia("(max-width: 760px)"),
  });
});
