// Where a source pixel is on the screen. Lengths: source pixels in, canvas pixels out.
// `outward` counts from the chest wall towards the nipple, so that zooming and panning show the
// same part of each breast.

// The displayed part of a view that is fitted into its cell, mirroring already done.
function fittedBox(view, toBreast) {
  if (!toBreast || !view.crop) return { top: 0, bottom: view.rows, left: 0, right: view.columns };
  const [top, bottom, left, right] = view.crop;
  return view.mirrored
    ? { top, bottom, left: view.columns - right, right: view.columns - left }
    : { top, bottom, left, right };
}

// One scale for all views: the largest at which each still fits its cell.
function commonScale(views, toBreast) {
  return Math.min(...views.map((view) => {
    const box = fittedBox(view, toBreast);
    return Math.min(view.canvas.width / (box.right - box.left), view.canvas.height / (box.bottom - box.top));
  }));
}

// Scale and top left corner of a view's image on its canvas.
function placed(view, scale, look) {
  const box = fittedBox(view, look.toBreast);
  const top = view.canvas.height / 2 - ((box.top + box.bottom) / 2 + look.down) * scale;
  const left = view.outward === "left"
    ? view.canvas.width - (box.right - look.out) * scale
    : -(box.left + look.out) * scale;
  return { scale, top, left };
}

// The middle of a source pixel on the canvas.
function onCanvas(view, place, row, column) {
  const across = view.mirrored ? view.columns - 0.5 - column : column + 0.5;
  return [place.left + across * place.scale, place.top + (row + 0.5) * place.scale];
}

// The source pixel under a point of the canvas, or null.
function underPoint(view, place, x, y) {
  const row = Math.floor((y - place.top) / place.scale);
  const across = Math.floor((x - place.left) / place.scale);
  if (row < 0 || row >= view.rows || across < 0 || across >= view.columns) return null;
  return [row, view.mirrored ? view.columns - 1 - across : across];
}

// Zoomed so that what lies under (x, y) stays there.
function zoomedAbout(view, look, before, after, x, y) {
  const across = view.outward === "left" ? view.canvas.width - x : x;
  const downward = y - view.canvas.height / 2;
  return {
    out: look.out + across / before - across / after,
    down: look.down + downward / before - downward / after,
  };
}
