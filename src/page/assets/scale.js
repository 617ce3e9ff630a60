// SPDX-License-Identifier: GPL-2.0-or-later
// From numbers to places on an axis. A scale is { place(value), ticks: [value] }, its places in
// pixels from `begin` to `end`.

// The step of 1, 2 or 5 times a power of ten that makes at most `count` steps up to max.
function niceStep(max, count) {
  const rough = max / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * 0.999);
  return factor * power;
}

// From 0 to max, with at most `count` steps.
function linearScale(max, begin, end, count) {
  const top = max > 0 ? max : 1;
  const step = niceStep(top, count);
  const ticks = [];
  for (let index = 0; index * step <= top * 1.0001; index += 1) ticks.push(index * step);
  return { ticks, place: (value) => begin + (Math.min(value, top) / top) * (end - begin) };
}

// The decades' steps of 1, 2 and 5, or only of 1 where those would be too many.
function logTicks(low, high, count) {
  for (const steps of [[1, 2, 5], [1, 5], [1]]) {
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1)
      for (const step of steps) ticks.push(step * 10 ** power);
    const inside = ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
    if (inside.length <= count || steps.length === 1) return inside;
  }
  return [];
}

// low > 0; both ends are moved out to the next tick of 1, 2 or 5.
function logScale(low, high, begin, end, count) {
  const below = logTicks(low / 10, low, 99).pop() || low;
  const above = logTicks(high, high * 10, 99)[0] || high;
  const span = Math.log(above / below) || 1;
  return {
    ticks: logTicks(below, above, count),
    place: (value) => begin + (Math.log(Math.max(value, below) / below) / span) * (end - begin),
  };
}

// Evenly spaced steps, one for each of two or more values, with a margin on both sides.
function stepScale(values, begin, end, margin) {
  const step = (end - begin - 2 * margin) / (values.length - 1);
  return { ticks: values, place: (value) => begin + margin + values.indexOf(value) * step };
}

// Percentiles, each nine as wide as the one before: 90, 99, 99.9. 100 has its place after the
// rarest percentile below it.
function tailScale(rarest, begin, end) {
  const depth = (percent) => -Math.log10(1 - percent / 100);
  const last = depth(rarest) + 0.5;
  const ticks = [0, 50, 90, 99, 99.9, 99.99, 99.999].filter((tick) => tick <= rarest + 1e-9);
  return {
    ticks: [...ticks, 100],
    place: (percent) =>
      begin + ((percent >= 100 ? last : Math.min(depth(percent), last)) / last) * (end - begin),
  };
}
