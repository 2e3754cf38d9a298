package show

import (
	"fmt"
	"image/color"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
)

// figure draws a slice whose grid is computed.
func (s *slice) figure() *Figure {
	levels := newSliceLevels(s.grid, s.marks, s.Levels)
	x, y := s.axisLabels()
	p := newPlot(orDefault(s.Title, "Slice of the objective"), orDefault(s.XLabel, x), orDefault(s.YLabel, y))
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = s.grid.x0, s.grid.x1, s.grid.y0, s.grid.y1
	p.Add(&contours{grid: s.grid, levels: levels})
	info := panel{bar: levels.sliceBar(s.ZLabel)}
	info.aspect = min(max((s.grid.y1-s.grid.y0)/(s.grid.x1-s.grid.x0), 0.4), 1.25)
	if len(s.path) > 0 {
		p.Add(pathLine(s.path))
		info.entries = append(info.entries, entry{"path, projected", -30, pathLine(nil)})
	}
	p.Add(&sliceMarks{s.marks, []plotter.XYs{s.path}})
	var certs []*landscape.Certificate
	for _, m := range s.marks {
		certs = append(certs, m.Certificate)
	}
	info.entries = append(info.entries, verdictEntries(certs, false)...)
	info.entries = append(info.entries, s.levelEntries()...)
	info.lines = s.describe()
	return &Figure{Plots: []*plot.Plot{p}, panels: []panel{info}}
}

// levelEntries names the dark lines.
func (s *slice) levelEntries() []entry {
	var out []entry
	for _, m := range s.marks {
		if m.saddle() {
			out = []entry{{"level of the saddle", -3, saddleLine{}}}
		}
	}
	if n := len(s.Levels); n == 1 {
		out = append(out, entry{s.ZLabel + " = " + minus(formatNumber(s.Levels[0], 4)), -4, saddleLine{}})
	} else if n > 1 {
		out = append(out, entry{"chosen levels of " + s.ZLabel, -4, saddleLine{}})
	}
	return out
}

// nameOf is the name of the point that x is, or a default.
func nameOf(points []LandscapePoint, x *lr.Factors, otherwise string) string {
	for _, q := range points {
		if q.Name != "" && q.X == x {
			return q.Name
		}
	}
	return otherwise
}

// directionName says what a direction is: the one of a certificate when it is.
func directionName(points []LandscapePoint, d *lr.Factors, otherwise string) string {
	for _, q := range points {
		if c := q.Certificate; c != nil && c.Curvature.Direction == d && d != nil {
			return "curvature " + minus(formatNumber(c.Curvature.Value, 3)) + " at " + shorten(orDefault(q.Name, "the point"), 12)
		}
	}
	return otherwise
}

// axisLabels says what the axes are, with their unit; short, since a column of
// print is narrow.
func (s *slice) axisLabels() (x, y string) {
	given := s.Landscape.Points
	switch {
	case s.To != nil:
		x = fmt.Sprintf("%s (0) to %s (1), distance %s", shorten(nameOf(given, s.Center, "Center"), 12), shorten(s.names[0], 12), formatNumber(s.plane.unit, 3))
	case s.Along != nil:
		x = "step along " + directionName(given, s.Along, "a direction") + ", unit 1"
	default:
		x = "step along " + s.names[0]
	}
	switch {
	case s.Third != nil:
		y = "towards " + shorten(s.names[1], 12)
	case s.Across != nil:
		y = "along " + directionName(given, s.Across, "a second direction")
	default:
		y = s.names[1]
	}
	return x, y + ", same unit"
}

// describe says in words what the slice is and where the points are.
func (s *slice) describe() []string {
	g := s.grid
	lines := []string{
		fmt.Sprintf("  slice of %s of %s by a plane, %d×%d values from %s to %s", s.ZLabel, problemName(s.Problem), g.n, g.n,
			formatNumber(g.lo, 4), formatNumber(g.hi, 4)),
		fmt.Sprintf("  unit %s in the Frobenius norm over both factors; the second axis is orthogonal to the first", formatNumber(s.plane.unit, 4)),
	}
	lines = append(lines, s.pointLines("plane")...)
	if n := len(s.path); n > 0 {
		lines = append(lines, fmt.Sprintf("  path of %d points, at most %s off the plane", n, formatNumber(s.off, 3)))
	}
	return lines
}

// pointLines says where the points are, on the plane or on the line, and
// whether they were turned.
func (s *slice) pointLines(what string) []string {
	var lines []string
	for _, m := range s.marks {
		place := "(" + formatNumber(m.s, 3) + ", " + formatNumber(m.t, 3) + ")"
		if s.line {
			place = formatNumber(m.s, 3)
		}
		text := fmt.Sprintf("  %s at %s, %s; %s = %s", orDefault(m.Name, "point"), place, m.offWords(what), s.ZLabel, formatNumber(m.value, 4))
		if m.off > 0 {
			text += ", " + formatNumber(m.below, 4) + " at its projection"
		}
		if !s.inside(m) {
			text += "; outside of the picture"
		}
		lines = append(lines, text+"; "+certificateWords(m.Certificate))
	}
	switch {
	case s.gauge.seen:
		lines = append(lines, "  points are not turned along the gauge: the problem's value changes with it")
	case s.gauge.used:
		lines = append(lines, "  points are turned along the gauge to lie near Center or To, which leaves "+s.ZLabel+" as it is")
	}
	return lines
}

func (s *slice) inside(m sliceMark) bool {
	g := s.grid
	return m.s >= g.x0 && m.s <= g.x1 && (s.line || m.t >= g.y0 && m.t <= g.y1)
}

// problemName prints a problem in at most 80 letters.
func problemName(p lr.Problem) string {
	if v, ok := p.(fmt.Stringer); ok {
		return shorten(v.String(), 80)
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", p), "*")
}

// pathLine draws the projections of a run's points: a dark line with a white
// seam, and dots whose distance tells how fast the run was.
type pathLine plotter.XYs

var pathStyle = draw.LineStyle{Color: ink, Width: 1.5}

// Plot implements plot.Plotter.
func (l pathLine) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	points := make([]vg.Point, len(l))
	for i, q := range l {
		points[i] = vg.Point{X: x(q.X), Y: y(q.Y)}
	}
	shown := append(thinPoints(points, 0.3), points[len(points)-1])
	lines := c.ClipLinesXY(straighten(shown))
	c.StrokeLines(draw.LineStyle{Color: color.White, Width: pathStyle.Width + 2*seam}, lines...)
	c.StrokeLines(pathStyle, lines...)
	dot := draw.GlyphStyle{Color: ink, Radius: 1.6, Shape: draw.CircleGlyph{}}
	for _, at := range thinPoints(points, 7) {
		if c.Contains(at) {
			c.DrawGlyph(dot, at)
		}
	}
}

// thinPoints keeps the points that are at least apart from the one kept before.
func thinPoints(points []vg.Point, apart vg.Length) []vg.Point {
	var out []vg.Point
	for _, p := range points {
		if n := len(out); n == 0 || p.Sub(out[n-1]).Dot(p.Sub(out[n-1])) >= apart*apart {
			out = append(out, p)
		}
	}
	return out
}

// Thumbnail implements plot.Thumbnailer.
func (pathLine) Thumbnail(c *draw.Canvas) {
	mid := c.Center()
	c.StrokeLine2(pathStyle, c.Min.X, mid.Y, c.Max.X, mid.Y)
	for _, at := range []vg.Length{0.2, 0.5, 0.8} {
		c.DrawGlyph(draw.GlyphStyle{Color: ink, Radius: 1.6, Shape: draw.CircleGlyph{}}, vg.Point{X: c.Min.X + at*(c.Max.X-c.Min.X), Y: mid.Y})
	}
}

// sliceMarks draws points of interest with their names, beside lines where
// there is room.
type sliceMarks struct {
	marks []sliceMark
	lines []plotter.XYs
}

// label is a mark's name and, where it is worth a word, how far off the plane
// the point is.
func (m sliceMark) label() string {
	if m.off > 0.01*m.away {
		return strings.TrimSpace(m.Name + " (" + formatNumber(m.off, 2) + " off)")
	}
	return m.Name
}

// Plot implements plot.Plotter.
func (v *sliceMarks) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	v.drawAt(c, x, y, func(m sliceMark) float64 { return m.t })
}

// drawAt draws the marks at their heights, names first.
func (v *sliceMarks) drawAt(c draw.Canvas, x, y func(float64) vg.Length, height func(sliceMark) float64) {
	var taken []vg.Rectangle
	at := make([]vg.Point, len(v.marks))
	for i, m := range v.marks {
		at[i] = vg.Point{X: x(m.s), Y: y(height(m))}
		taken = append(taken, around(at[i], markRadius+3, markRadius+3))
	}
	for _, line := range v.lines {
		for _, q := range line {
			taken = append(taken, around(vg.Point{X: x(q.X), Y: y(q.Y)}, 0.5, 0.5))
		}
	}
	for i, m := range v.marks {
		if c.Contains(at[i]) {
			taken = append(taken, placeLabel(c, m.label(), at[i], taken))
		}
	}
	for i := len(v.marks) - 1; i >= 0; i-- {
		if c.Contains(at[i]) {
			markOf(v.marks[i].Certificate).draw(c, at[i], markRadius*sizeAbove(at[:i], at[i]))
		}
	}
}

// sizeAbove is the size of a mark that is drawn before the marks at above, so
// large that it is seen around those that cover it.
func sizeAbove(above []vg.Point, at vg.Point) vg.Length {
	size := vg.Length(1)
	for _, q := range above {
		if d := q.Sub(at); d.Dot(d) < markRadius*markRadius {
			size += 0.9
		}
	}
	return size
}

func around(at vg.Point, dx, dy vg.Length) vg.Rectangle {
	return vg.Rectangle{Min: vg.Point{X: at.X - dx, Y: at.Y - dy}, Max: vg.Point{X: at.X + dx, Y: at.Y + dy}}
}

// placeLabel writes a label at the first place beside a point that is within
// the canvas and free, else at the right, and returns its ground.
func placeLabel(c draw.Canvas, label string, at vg.Point, taken []vg.Rectangle) vg.Rectangle {
	if label == "" {
		return vg.Rectangle{Min: at, Max: at}
	}
	half := textStyle(tickSize).Width(label)/2 + 2
	const high = vg.Length(6.5)
	reach := half + markRadius + 4
	var best vg.Rectangle
	least := -1
	for _, d := range [][2]vg.Length{{reach, 0}, {-reach, 0}, {0, 15}, {0, -15}, {reach, 12}, {reach, -12}, {-reach, 12}, {-reach, -12}} {
		box := around(vg.Point{X: at.X + d[0], Y: at.Y + d[1]}, half, high)
		faults := 0
		for _, t := range taken {
			switch {
			case box.Min.X >= t.Max.X || t.Min.X >= box.Max.X || box.Min.Y >= t.Max.Y || t.Min.Y >= box.Max.Y:
			case t.Size().X > 2: // a mark or a name
				faults += 1000
			default: // a point of a line
				faults++
			}
		}
		if !c.Contains(box.Min) || !c.Contains(box.Max) {
			faults += 1_000_000
		}
		if least < 0 || faults < least {
			best, least = box, faults
		}
	}
	c.SetColor(color.NRGBA{0xff, 0xff, 0xff, 0xdd})
	c.Fill(best.Path())
	textBeside(c, vg.Point{X: best.Min.X + 2, Y: (best.Min.Y + best.Max.Y) / 2}, label)
	return best
}
