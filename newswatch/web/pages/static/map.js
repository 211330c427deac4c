// The map of what is watched and alerted, over the gazetteer's own places. Asks nobody but newswatch itself.
window.newswatch = (() => {
  const colour = (name) => getComputedStyle(document.body).getPropertyValue(`--${name}`).trim();
  const maps = new Map();

  function style(feature) {
    const kind = feature.properties.kind;
    const ink = colour(kind === "corridor" || kind === "area" ? "info" : "warning");
    return kind === "road" ? { color: ink, weight: 3 } : { color: ink, weight: 1, fillOpacity: 0.12 };
  }

  function shapes(features) {
    return L.geoJSON(features, {
      style, pointToLayer: (one, at) => L.circleMarker(at, { radius: 6, color: colour("warning"), weight: 2 }),
      onEachFeature: (one, layer) => layer.bindTooltip(one.properties.name),
    });
  }

  // Places that fit between others; more of them, and smaller ones, the nearer one looks.
  async function places(map, layer, canvas) {
    const b = map.getBounds();
    const asked = new URLSearchParams({
      south: Math.max(-90, b.getSouth()), north: Math.min(90, b.getNorth()),
      west: Math.max(-180, b.getWest()), east: Math.min(180, b.getEast()), limit: 1500,
    });
    if (["en", "fr", "ar"].includes(document.documentElement.lang)) asked.set("language", document.documentElement.lang);
    const answer = await fetch(`/api/v1/entities/in-box?${asked}`);
    if (!answer.ok) return;
    const found = (await answer.json()).places;
    layer.clearLayers();
    const taken = [];
    for (const place of found) {
      if (["country", "region", "area", "county", "continent", "sea"].includes(place.feature)) continue;
      const radius = Math.min(7, 1 + Math.log10(1 + place.population));
      const dot = L.circleMarker([place.lat, place.lon], {
        renderer: canvas, radius: radius / 1.6, stroke: false, fillColor: colour("quiet"), fillOpacity: 0.55,
      });
      const at = map.latLngToContainerPoint([place.lat, place.lon]);
      if (taken.length < 60 && taken.every((one) => Math.abs(one.x - at.x) > 110 || Math.abs(one.y - at.y) > 22)) {
        taken.push(at);
        dot.bindTooltip(place.name, { permanent: true, direction: "right", className: "place-name" });
      }
      layer.addLayer(dot);
    }
  }

  async function begin(id, features, credit) {
    let element = null;
    for (let tries = 0; tries < 200 && !(element && element.map); tries++) {
      element = getElement(id);
      if (!(element && element.map)) await new Promise((wait) => setTimeout(wait, 50));
    }
    const map = element.map;
    const canvas = L.canvas();
    const ground = L.layerGroup().addTo(map);
    map.attributionControl.setPrefix("Leaflet");
    map.attributionControl.addAttribution(`<bdi>${credit}</bdi>`);
    const watched = shapes(features).addTo(map);
    const alerts = L.layerGroup().addTo(map);
    const drawn = L.layerGroup().addTo(map);
    maps.set(id, { map, alerts, drawn });
    if (id === chart) mark();
    if (watched.getLayers().length) map.fitBounds(watched.getBounds().pad(0.3), { animate: false, maxZoom: 10 });
    let waiting = null;
    const look = () => { clearTimeout(waiting); waiting = setTimeout(() => places(map, ground, canvas), 250); };
    map.on("moveend", look);
    look();
    map.getContainer().dataset.ready = "yes";
  }

  function dot(one) {
    const made = L.circleMarker([one.lat, one.lon], {
      radius: 9, color: colour(one.severity), weight: 3, fillOpacity: 0.35, className: "alert-dot",
    });
    made.bindTooltip(`${one.name}: ${one.title}`);
    made.on("click", () => { window.location.href = `/alert/${one.alert}`; });
    return made;
  }

  function show(id, found) {
    const known = maps.get(id);
    if (!known) { setTimeout(() => show(id, found), 200); return; }
    for (const one of found) known.alerts.addLayer(dot(one));
  }

  // How long ago, in signs that every language reads; it counts on by itself, or from a time gone by.
  let then = null;
  function ages() {
    for (const one of document.querySelectorAll("time[datetime]")) {
      const seconds = Math.max(0, Math.floor(((then === null ? Date.now() : then) - Date.parse(one.dateTime)) / 1000));
      const [size, unit] = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]].find(([size]) => seconds >= size) || [1, "s"];
      const age = `−${Math.floor(seconds / size)} ${unit}`;
      if (one.textContent !== age) one.textContent = age;
    }
  }
  setInterval(ages, 1000);

  // The alerts as they are now, or were then: cards and dots that stay are left alone, with whoever stands in them.
  // Of each is sent only what the page has not; a dot waits for its map.
  let list = null;
  let chart = null;
  const dots = new Map();
  function look(stream, map) { list = () => getHtmlElement(stream); chart = map; }

  // One after the other: each tells what has changed since the one before.
  const untold = [];
  function tell(...told) {
    untold.push(told);
    take();
  }

  function take() {
    const cards = list();
    if (!cards) { setTimeout(take, 100); return; }
    while (untold.length) place(cards, ...untold.shift());
  }

  function place(cards, order, fresh, none, at) {
    const wanted = new Set(order);
    const there = new Map([...cards.children].map((one) => [one.dataset.key, one]));
    for (const [key, one] of there) if (!wanted.has(key)) one.remove();
    let next = cards.firstElementChild;
    for (const key of order) {
      let one = there.get(key);
      if (!one && !fresh[key]) continue;
      if (!one) {
        const made = document.createElement("template");
        made.innerHTML = fresh[key][0];
        one = made.content.firstElementChild;
      }
      if (one === next) next = next.nextElementSibling;
      else cards.insertBefore(one, next);
    }
    if (!order.length) {
      const said = document.createElement("p");
      said.className = "quiet";
      said.textContent = none;
      cards.append(said);
    }
    then = at;
    ages();
    for (const key of dots.keys()) if (!wanted.has(key)) forget(key);
    for (const [key, [, places]] of Object.entries(fresh)) if (!dots.has(key)) dots.set(key, { places, layers: null });
    mark();
  }

  function forget(key) {
    const known = maps.get(chart);
    for (const one of dots.get(key).layers || []) known.alerts.removeLayer(one);
    dots.delete(key);
  }

  function mark() {
    const known = maps.get(chart);
    if (!known) return; // `begin` marks them
    for (const one of dots.values()) {
      if (one.layers) continue;
      one.layers = one.places.map(dot);
      for (const layer of one.layers) known.alerts.addLayer(layer);
    }
  }

  // A watch that is being written: where it watches, and what its names may mean.
  function draw(id, features, candidates) {
    const known = maps.get(id);
    if (!known) { setTimeout(() => draw(id, features, candidates), 200); return; }
    known.drawn.clearLayers();
    const watched = shapes(features).addTo(known.drawn);
    const sides = ["top", "bottom", "right", "left"];
    for (const [number, one] of candidates.entries()) {
      const dot = L.circleMarker([one.lat, one.lon], {
        radius: one.chosen ? 8 : 10, color: colour(one.chosen ? "warning" : "critical"), weight: 3,
        fillOpacity: one.chosen ? 0.9 : 0.15, dashArray: one.chosen ? null : "4", className: "candidate-dot",
      });
      dot.bindTooltip(`${one.name}, ${one.country}`, { permanent: !one.chosen, direction: sides[number % 4] });
      if (!one.chosen) dot.on("click", () => emitEvent("newswatch-choose", { at: one.at, entity: one.entity }));
      known.drawn.addLayer(dot);
    }
    const asked = JSON.stringify([features, candidates]);
    if (asked === known.asked) return;
    known.asked = asked;
    const bounds = L.latLngBounds(candidates.map((one) => [one.lat, one.lon]));
    if (watched.getLayers().length) bounds.extend(watched.getBounds());
    if (bounds.isValid()) known.map.fitBounds(bounds.pad(0.3), { animate: false, maxZoom: 10 });
  }

  return { begin, show, draw, look, tell };
})();
