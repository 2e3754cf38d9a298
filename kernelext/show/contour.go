package show

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// contours draws a grid from above: bands of colour, lines between them, and
// the marks.
type contours struct {
	grid   *grid2
	levels *levels
	marks  []markPoint
}

// Plot implements plot.Plotter.
func (v *contours) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	area := vg.Rectangle{
		Min: vg.Point{X: x(v.grid.x0), Y: y(v.grid.y0)},
		Max: vg.Point{X: x(v.grid.x1), Y: y(v.grid.y1)},
	}
	c.DrawImage(area, v.image())
	thin := draw.LineStyle{Color: mix(hex(0xffffff), ink, 0.25), Width: 0.5}
	for _, z := range v.levels.edges[1 : len(v.levels.edges)-1] {
		v.strokeLevel(c, x, y, z, thin)
	}
	for _, z := range v.levels.saddles {
		v.strokeLevel(c, x, y, z, draw.LineStyle{Color: ink, Width: 1.1})
	}
	c.SetLineStyle(draw.LineStyle{Color: frame, Width: 0.75})
	c.Stroke(area.Path())
	for _, m := range v.marks {
		at := vg.Point{X: x(m.X), Y: y(m.Y)}
		drawMark(&c, m.Kind, at)
		labelMark(c, m.Label, at)
	}
}

// labelMark writes a label beside a mark, on a ground that keeps it readable.
func labelMark(c draw.Canvas, label string, at vg.Point) {
	if label == "" {
		return
	}
	w := textStyle(tickSize).Width(label)
	left := at.X + 7
	if left+w+3 > c.Max.X {
		left = at.X - 7 - w
	}
	c.SetColor(color.White)
	c.Fill(vg.Rectangle{Min: vg.Point{X: left - 2, Y: at.Y - 6}, Max: vg.Point{X: left + w + 2, Y: at.Y + 6}}.Path())
	textBeside(c, vg.Point{X: left, Y: at.Y}, label)
}

const contourPixels = 480

// image is the bands in pixels, each pixel by the value at its place.
func (v *contours) image() image.Image {
	palette := color.Palette{missingGround}
	for k := range bands {
		// Lighter than the surface, so that lines and marks stand out.
		palette = append(palette, mix(viridis.at(float64(k)/(bands-1)), hex(0xffffff), 0.15))
	}
	img := image.NewPaletted(image.Rect(0, 0, contourPixels, contourPixels), palette)
	last := float64(v.grid.n - 1)
	for py := range contourPixels {
		fy := last * (1 - (float64(py)+0.5)/contourPixels)
		for px := range contourPixels {
			z := v.grid.between(last*(float64(px)+0.5)/contourPixels, fy)
			if !math.IsNaN(z) {
				img.SetColorIndex(px, py, uint8(1+v.levels.band(z)))
			}
		}
	}
	return img
}

// between is the value between four points of the grid, at a place counted in
// steps of the grid.
func (g *grid2) between(fx, fy float64) float64 {
	i, j := min(int(fx), g.n-2), min(int(fy), g.n-2)
	tx, ty := fx-float64(i), fy-float64(j)
	low := g.at(i, j)*(1-tx) + g.at(i+1, j)*tx
	high := g.at(i, j+1)*(1-tx) + g.at(i+1, j+1)*tx
	return low*(1-ty) + high*ty
}

func (v *contours) strokeLevel(c draw.Canvas, x, y func(float64) vg.Length, z float64, style draw.LineStyle) {
	for _, line := range v.grid.level(z) {
		points := make([]vg.Point, len(line))
		for i, q := range line {
			points[i] = vg.Point{X: x(q.X), Y: y(q.Y)}
		}
		c.StrokeLines(style, straighten(points))
	}
}
