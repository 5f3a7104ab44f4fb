/* What a layer's features are: ids, names, columns, shapes. Layers of thousands come as bytes in base64
   (plan/maps/compact.py) and stay flat arrays: no object for each of their features. */
plan.part(() => {
  const { data, parts } = plan;

  function bytes(text) {
    const raw = atob(text), out = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
    return out;
  }
  function numbers(text) { // 255 is none
    return Array.from(bytes(text), (v) => (v === 255 ? -1 : v));
  }
  function texts(text) { // each begins with some of the last
    let last = "";
    return text.split("\n").map((line) => (last = last.slice(0, parseInt(line[0], 36)) + line.slice(1)));
  }

  /* Shapes: x and y of all points as fractions of the world (Mercator), rings one after another.
     Ring r has the points from ring[r] to ring[r + 1], feature i the rings from first[i] to first[i + 1];
     kind: 0 point, 1 line, 2 outer ring, 3 hole. box: west, north, east, south of each feature. */
  function shapes(text, count) {
    const read = bytes(text);
    let at = 0, ends = 0;
    const next = () => { // plain arithmetic: steps across a city have more than 31 bits
      let value = 0, factor = 1, byte;
      do { byte = read[at++]; value += (byte & 127) * factor; factor *= 128; } while (byte & 128);
      return value;
    };
    const step = () => { const v = next(); return v % 2 ? -(v + 1) / 2 : v / 2; };
    const first = new Uint32Array(count + 1), ring = [0], kind = [], xs = [], ys = [];
    let [x, y] = data.origin;
    while (at < read.length) {
      const head = next();
      if (!head) { first[++ends] = kind.length; continue; }
      kind.push(head % 4);
      for (let left = Math.floor(head / 4); left > 0; left--) {
        x += step(); y += step();
        xs.push(x / 3.6e9 + 0.5);
        ys.push(0.5 - Math.log(Math.tan(Math.PI / 4 + (y / 1e7) * Math.PI / 360)) / (2 * Math.PI));
      }
      ring.push(xs.length);
    }
    for (let r = 0; r < kind.length; r++) if (kind[r] > 1 && turns(xs, ys, ring[r], ring[r + 1]) !== (kind[r] === 2)) {
      turned(xs, ring[r], ring[r + 1]); turned(ys, ring[r], ring[r + 1]);
    }
    const s = { count, first, ring: Uint32Array.from(ring), kind: Uint8Array.from(kind), x: Float64Array.from(xs), y: Float64Array.from(ys) };
    s.box = boxes(s);
    s.find = index(s);
    return s;
  }
  // Outer rings turn one way and holes the other, so that areas over one another stay filled.
  function turns(xs, ys, from, to) {
    let area = 0;
    for (let k = from, j = to - 1; k < to; j = k++) area += (xs[j] - xs[from]) * (ys[k] - ys[from]) - (xs[k] - xs[from]) * (ys[j] - ys[from]);
    return area > 0;
  }
  function turned(v, from, to) {
    for (let a = from, b = to - 1; a < b; a++, b--) [v[a], v[b]] = [v[b], v[a]];
  }
  function boxes(s) {
    const box = new Float64Array(4 * s.count);
    for (let i = 0; i < s.count; i++) {
      let w = Infinity, n = Infinity, e = -Infinity, o = -Infinity;
      for (let k = s.ring[s.first[i]]; k < s.ring[s.first[i + 1]]; k++) {
        if (s.x[k] < w) w = s.x[k]; if (s.x[k] > e) e = s.x[k];
        if (s.y[k] < n) n = s.y[k]; if (s.y[k] > o) o = s.y[k];
      }
      box.set([w, n, e, o], 4 * i);
    }
    return box;
  }
  /* A grid of about eight features a cell -> the features that may touch a box, in their order. */
  function index(s) {
    let w = Infinity, n = Infinity, e = -Infinity, o = -Infinity;
    for (let i = 0; i < s.box.length; i += 4) {
      w = Math.min(w, s.box[i]); n = Math.min(n, s.box[i + 1]); e = Math.max(e, s.box[i + 2]); o = Math.max(o, s.box[i + 3]);
    }
    s.all = [w, n, e, o];
    const side = Math.max(1, Math.min(256, Math.ceil(Math.sqrt(s.count / 8))));
    const wide = (e - w) / side || 1, high = (o - n) / side || 1;
    const cell = (v, from, size) => Math.max(0, Math.min(side - 1, Math.floor((v - from) / size)));
    const each = (b, k, act) => {
      const east = cell(b[k + 2], w, wide), south = cell(b[k + 3], n, high);
      for (let cy = cell(b[k + 1], n, high); cy <= south; cy++)
        for (let cx = cell(b[k], w, wide); cx <= east; cx++) act(cy * side + cx);
    };
    const start = new Uint32Array(side * side + 1), seen = new Uint32Array(s.count);
    for (let i = 0; i < s.count; i++) if (s.box[4 * i] <= s.box[4 * i + 2]) each(s.box, 4 * i, (c) => start[c + 1]++);
    for (let c = 0; c < side * side; c++) start[c + 1] += start[c];
    const fill = start.slice(), held = new Uint32Array(start[side * side]);
    for (let i = 0; i < s.count; i++) if (s.box[4 * i] <= s.box[4 * i + 2]) each(s.box, 4 * i, (c) => { held[fill[c]++] = i; });
    let turn = 0;
    return (b) => {
      const out = [];
      if (b[0] > e || b[2] < w || b[1] > o || b[3] < n) return out;
      turn++;
      each(b, 0, (c) => {
        for (let k = start[c]; k < start[c + 1]; k++) {
          const i = held[k], j = 4 * i;
          if (seen[i] === turn) continue;
          seen[i] = turn;
          if (s.box[j] <= b[2] && s.box[j + 2] >= b[0] && s.box[j + 1] <= b[3] && s.box[j + 3] >= b[1]) out.push(i);
        }
      });
      return out.sort((p, q) => p - q);
    };
  }
  function latlng(s, k) {
    return [(Math.atan(Math.exp((0.5 - s.y[k]) * 2 * Math.PI)) * 360) / Math.PI - 90, (s.x[k] - 0.5) * 360];
  }
  function unpacked(s, i) { // as geometry.js gives it
    const out = [];
    for (let r = s.first[i]; r < s.first[i + 1]; r++) {
      const at = [];
      for (let k = s.ring[r]; k < s.ring[r + 1]; k++) at.push(latlng(s, k));
      if (s.kind[r] === 0) out.push({ type: 0, at: at[0] });
      else if (s.kind[r] === 1) out.push({ type: 1, at: [at] });
      else if (s.kind[r] === 2) out.push({ type: 2, at: [[at]] });
      else out[out.length - 1].at[0].push(at);
    }
    return out;
  }

  for (const layer of data.layers) {
    const p = layer.packed;
    if (p) {
      layer.ids = texts(p.ids);
      if (p.cls) layer.cls = numbers(p.cls);
      for (const col of layer.cols) if (col.b) col.v = numbers(col.b);
      layer.shapes = shapes(p.g, layer.ids.length);
    }
    if (layer.names === true) layer.names = layer.ids;
    layer.has = p ? (i) => layer.shapes.first[i + 1] > layer.shapes.first[i] : (i) => !!layer.g[i];
    layer.parts = p ? (i) => unpacked(layer.shapes, i) : (i) => parts(layer.g[i]);
    layer.classOf = (i) => layer.classes[layer.cls ? layer.cls[i] : 0];
    // 0 in both, 1 only in the estate as it is, 2 only in the proposal
    const sides = new Uint8Array(layer.ids.length).fill(layer.before ? 1 : 0), runs = layer.after || [];
    for (let k = 0; k < runs.length; k += 2) sides.fill(2, runs[k], runs[k] + runs[k + 1]);
    layer.sides = sides;
    layer.hasLines = p ? layer.shapes.kind.includes(1) : layer.g.some((x) => x && x[0] === 1);
  }
  // Where a popup about a feature points: its symbol, or the middle of what it covers.
  plan.at = (layer, i) => {
    const all = layer.parts(i), point = all.find((p) => p.type === 0);
    if (point) return L.latLng(point.at);
    const area = all.find((p) => p.type === 2);
    if (area) { const m = plan.middle(area.at[0]); return L.latLng(m.y, m.x); }
    const line = all[0].at[0];
    return L.latLng(line[Math.floor(line.length / 2)]);
  };
});
