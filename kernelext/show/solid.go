package show

import (
	"image"
	"image/color"
	"math"
	"sync"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// solidView draws a grid as a surface in space, by parallel projection: the
// cells from the farthest to the nearest, as one image, so that a picture of
// thousands of cells stays a small file; axes and marks on top.
type solidView struct {
	grid    *grid2
	levels  *levels
	marks   []markPoint
	x, y, z string

	mu   sync.Mutex
	last image.Image // what image gave for a rectangle of size
	size vg.Point
}

// space is a parallel projection of the cube [−1, 1]² × [0, 1] into a
// rectangle.
type space struct {
	sin, cos   float64 // of the turn about the vertical axis
	up, across float64 // height on screen of one unit of z, and of depth
	scale      vg.Length
	origin     vg.Point
}

const (
	azimuth   = -58 * math.Pi / 180
	elevation = 30 * math.Pi / 180
	zRatio    = 1.15 // height of the box over half its side
)

func newSpace(r vg.Rectangle) space {
	s := space{scale: 1}
	s.sin, s.cos = math.Sincos(azimuth)
	s.up, s.across = zRatio*math.Cos(elevation), math.Sin(elevation)
	// Fit the box, and room for labels around it, into r.
	lo, hi := vg.Point{X: 1e9, Y: 1e9}, vg.Point{X: -1e9, Y: -1e9}
	for _, x := range []float64{-1, 1} {
		for _, y := range []float64{-1, 1} {
			for _, z := range []float64{0, 1} {
				p := s.at(x, y, z)
				lo = vg.Point{X: min(lo.X, p.X), Y: min(lo.Y, p.Y)}
				hi = vg.Point{X: max(hi.X, p.X), Y: max(hi.Y, p.Y)}
			}
		}
	}
	inner := vg.Rectangle{Min: r.Min.Add(vg.Point{X: 28, Y: 22}), Max: r.Max.Sub(vg.Point{X: 10, Y: 2})}
	size := inner.Size()
	s.scale = min(size.X/(hi.X-lo.X), size.Y/(hi.Y-lo.Y))
	s.origin = vg.Point{
		X: inner.Min.X + size.X/2 - s.scale*(lo.X+hi.X)/2,
		Y: inner.Min.Y + size.Y/2 - s.scale*(lo.Y+hi.Y)/2,
	}
	return s
}

// at is the place on the page of a point of the cube.
func (s space) at(x, y, z float64) vg.Point {
	across, depth := s.turn(x, y)
	return vg.Point{
		X: s.origin.X + s.scale*vg.Length(across),
		Y: s.origin.Y + s.scale*vg.Length(s.up*z+s.across*depth),
	}
}

// turn gives the part of a floor point along the page and the part away from
// the viewer.
func (s space) turn(x, y float64) (across, depth float64) {
	return -s.sin*x + s.cos*y, -(s.cos*x + s.sin*y)
}

// Plot implements plot.Plotter.
func (v *solidView) Plot(c draw.Canvas, _ *plot.Plot) {
	s := newSpace(c.Rectangle)
	v.drawBox(c, s)
	c.DrawImage(c.Rectangle, v.image(c.Rectangle))
	for _, m := range v.marks {
		if !math.IsNaN(m.z) && !math.IsInf(m.z, 0) {
			drawMark(&c, m.Kind, v.place(s, m.X, m.Y, m.z))
		}
	}
}

// place is where a point of the function's graph is on the page.
func (v *solidView) place(s space, x, y, z float64) vg.Point {
	g := v.grid
	return s.at(2*(x-g.x0)/(g.x1-g.x0)-1, 2*(y-g.y0)/(g.y1-g.y0)-1, g.height(z))
}

// solidDPI is the resolution of the surface's image.
const solidDPI = 170

// image draws the cells, farthest first. It keeps the last image, as a figure
// is drawn in several formats of one size.
func (v *solidView) image(r vg.Rectangle) image.Image {
	v.mu.Lock()
	defer v.mu.Unlock()
	size := r.Size()
	if v.last != nil && v.size == size {
		return v.last
	}
	canvas := vgimg.NewWith(vgimg.UseWH(size.X, size.Y), vgimg.UseDPI(solidDPI), vgimg.UseBackgroundColor(color.NRGBA{}))
	c := draw.New(canvas)
	s := newSpace(c.Rectangle)
	g := v.grid
	n := g.n - 1
	mesh := max(n/15, 1)
	// The far corner has the least x and the greatest y.
	for j := n - 1; j >= 0; j-- {
		for i := range n {
			v.drawCell(c, s, i, j, mesh)
		}
	}
	v.last, v.size = canvas.Image(), size
	return v.last
}

// drawCell fills one cell in the colour of its height under a light from the
// left, and draws the lines of the mesh at its sides.
func (v *solidView) drawCell(c draw.Canvas, s space, i, j, mesh int) {
	g := v.grid
	z := [4]float64{g.at(i, j), g.at(i+1, j), g.at(i+1, j+1), g.at(i, j+1)}
	var corner [4]vg.Point
	mean := 0.0
	for k, d := range [4][2]int{{0, 0}, {1, 0}, {1, 1}, {0, 1}} {
		if math.IsNaN(z[k]) {
			return
		}
		mean += z[k] / 4
		corner[k] = v.place(s, g.x(i+d[0]), g.y(j+d[1]), z[k])
	}
	fill := v.light(z, viridis.at(v.levels.share(mean)))
	path := polygonPath(corner[:])
	c.SetColor(fill)
	c.Fill(path)
	c.SetLineStyle(draw.LineStyle{Color: fill, Width: 0.35}) // closes the seams between cells
	c.Stroke(path)
	line := draw.LineStyle{Color: mix(fill, ink, 0.35), Width: 0.4}
	if i%mesh == 0 {
		c.StrokeLines(line, []vg.Point{corner[3], corner[0]})
	}
	if (j+1)%mesh == 0 {
		c.StrokeLines(line, []vg.Point{corner[3], corner[2]})
	}
}

// light shades a cell's colour by its slope.
func (v *solidView) light(z [4]float64, base color.NRGBA) color.NRGBA {
	g := v.grid
	step := 2 / float64(g.n-1)
	dx := (g.height(z[1]) + g.height(z[2]) - g.height(z[0]) - g.height(z[3])) / 2 / step * zRatio
	dy := (g.height(z[2]) + g.height(z[3]) - g.height(z[0]) - g.height(z[1])) / 2 / step * zRatio
	norm := math.Sqrt(dx*dx + dy*dy + 1)
	// The direction of the light, (-0.3, -0.6, 0.74), is above the viewer's left.
	cos := (0.3*dx + 0.6*dy + 0.74) / norm
	if cos >= 0.74 {
		return mix(base, hex(0xffffff), 0.5*(cos-0.74)/0.26*0.5)
	}
	return mix(base, hex(0x000000), math.Min(0.74-cos, 1)*0.35)
}

func polygonPath(points []vg.Point) vg.Path {
	var p vg.Path
	p.Move(points[0])
	for _, q := range points[1:] {
		p.Line(q)
	}
	p.Close()
	return p
}

// drawBox draws the floor, the far walls' edges and the axes with a few values.
func (v *solidView) drawBox(c draw.Canvas, s space) {
	g := v.grid
	line := draw.LineStyle{Color: frame, Width: 0.75}
	light := draw.LineStyle{Color: hex(0xc9ced3), Width: 0.5}
	seg := func(style draw.LineStyle, a, b [3]float64) {
		c.StrokeLines(style, []vg.Point{s.at(a[0], a[1], a[2]), s.at(b[0], b[1], b[2])})
	}
	// The near corner of the floor is (1, −1) as the view is turned.
	seg(light, [3]float64{-1, -1, 0}, [3]float64{-1, 1, 0})
	seg(light, [3]float64{-1, 1, 0}, [3]float64{1, 1, 0})
	seg(light, [3]float64{-1, 1, 0}, [3]float64{-1, 1, 1})
	seg(light, [3]float64{-1, -1, 1}, [3]float64{-1, 1, 1})
	seg(light, [3]float64{-1, 1, 1}, [3]float64{1, 1, 1})
	seg(light, [3]float64{1, 1, 0}, [3]float64{1, 1, 1})
	seg(line, [3]float64{-1, -1, 0}, [3]float64{1, -1, 0})
	seg(line, [3]float64{1, -1, 0}, [3]float64{1, 1, 0})
	seg(line, [3]float64{-1, -1, 0}, [3]float64{-1, -1, 1})
	v.axis(c, g.x0, g.x1, v.x, func(t float64) vg.Point { return s.at(2*t-1, -1, 0) }, vg.Point{X: -3, Y: -8}, -0.75)
	v.axis(c, g.y0, g.y1, v.y, func(t float64) vg.Point { return s.at(1, 2*t-1, 0) }, vg.Point{X: 3, Y: -8}, -0.25)
	v.axis(c, g.lo, g.hi, v.z, func(t float64) vg.Point { return s.at(-1, -1, t) }, vg.Point{X: -7, Y: 0}, draw.XRight)
}

// axis writes the values of an axis beside its line, and its name.
func (v *solidView) axis(c draw.Canvas, lo, hi float64, name string, at func(t float64) vg.Point, away vg.Point, align draw.XAlignment) {
	if lo == hi {
		return
	}
	style := textStyle(tickSize)
	style.XAlign, style.YAlign = align, draw.YCenter
	line := draw.LineStyle{Color: frame, Width: 0.75}
	ticks := (linearTicks{}).Ticks(lo, hi)
	for len(ticks) > 5 {
		ticks = everySecond(ticks)
	}
	for _, t := range ticks {
		p := at((t.Value - lo) / (hi - lo))
		c.StrokeLines(line, []vg.Point{p, {X: p.X + away.X/2.5, Y: p.Y + away.Y/2.5}})
		c.FillText(style, p.Add(away), t.Label)
	}
	style.Font.Size = labelSize
	style.XAlign = draw.XCenter
	if away.Y == 0 {
		c.FillText(style, at(1).Add(vg.Point{X: -6, Y: 11}), name)
		return
	}
	c.FillText(style, at(0.5).Add(vg.Point{X: 4.5 * away.X, Y: 2.3 * away.Y}), name)
}

func everySecond(ticks []plot.Tick) []plot.Tick {
	var out []plot.Tick
	for i := 0; i < len(ticks); i += 2 {
		out = append(out, ticks[i])
	}
	return out
}
