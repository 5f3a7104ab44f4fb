/* Coordinates: whole steps of 1e-7 degree, each from the last. */
plan.part(() => {
  const { data } = plan;

  const [ox, oy] = data.origin;
  function path(steps) {
    const out = [];
    let x = ox, y = oy;
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i]; y += steps[i + 1];
      out.push([y / 1e7, x / 1e7]);
    }
    return out;
  }
  // -> [{type: 0|1|2, at: nested latlngs}]
  function parts(g) {
    if (!g) return [];
    if (g[0] === 3) return g.slice(1).flatMap(parts);
    if (g[0] === 0) return g.slice(1).map((p) => ({ type: 0, at: path(p)[0] }));
    if (g[0] === 1) return [{ type: 1, at: g.slice(1).map(path) }];
    return [{ type: 2, at: g.slice(1).map((rings) => rings.map(path)) }];
  }
  function middle(rings) { // the middle of the widest stretch inside, on the level of the centroid
    const ring = rings[0];
    let a = 0, cy = 0, lo = Infinity, hi = -Infinity;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const k = (ring[j][1] - ring[0][1]) * (ring[i][0] - ring[0][0]) - (ring[i][1] - ring[0][1]) * (ring[j][0] - ring[0][0]);
      a += k; cy += k * (ring[i][0] + ring[j][0] - 2 * ring[0][0]);
      lo = Math.min(lo, ring[i][0]); hi = Math.max(hi, ring[i][0]);
    }
    const level = a ? ring[0][0] + cy / (3 * a) : (lo + hi) / 2;
    let best = null;
    for (const y of [level, (lo + hi) / 2, lo + (hi - lo) * 0.3, lo + (hi - lo) * 0.7]) {
      const xs = [];
      for (const r of rings) for (let i = 0, j = r.length - 1; i < r.length; j = i++) {
        if (r[i][0] > y !== r[j][0] > y) xs.push(r[j][1] + ((y - r[j][0]) / (r[i][0] - r[j][0])) * (r[i][1] - r[j][1]));
      }
      xs.sort((p, q) => p - q);
      for (let i = 0; i + 1 < xs.length; i += 2) {
        const w = xs[i + 1] - xs[i];
        if (!best || w > best.w * 1.15) best = { w, y, x: (xs[i] + xs[i + 1]) / 2 };
      }
      if (best && y === level && best.w > 0) break;
    }
    return best || { w: 0, y: ring[0][0], x: ring[0][1] };
  }

  Object.assign(plan, { parts, middle });
});
