package show

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Heatmap draws a matrix as a map of colours, one square per entry, with a
// colour bar at its right. Row 0 is on top unless FlipY is set. Entries that
// are NaN are missing: they are hatched in grey and named in the legend.
//
//	show.Heatmap{Title: "Sea surface temperature", Data: m, Unit: "°C"}.Figure()
//
// Curves lie over the map, such as the bound that a theory gives over a map of
// measured successes. They do not change its axes: what is outside is cut off.
//
//	show.Heatmap{
//		Title: "Share of 20 trials that recover M*", Data: rates, X: [2]float64{0.5, 10.5}, XLabel: "rank r",
//		Y: [2]float64{0, 0.5}, YLabel: "α", FlipY: true, Lo: 0, Hi: 1, Curves: []show.Series{{Name: "α r = 1", X: r, Y: bound}},
//	}.Figure()
//
// Maps stand side by side by [Panels].
type Heatmap struct {
	Title     string
	Data      mat.Matrix
	XLabel    string     // of the columns; default "column"
	YLabel    string     // of the rows; default "row"
	X, Y      [2]float64 // coordinates at the outer edges of the first and the last column and row; default the indices
	Unit      string     // of the values, above the colour bar
	Lo, Hi    float64    // values at the ends of the colours; default the least and greatest; others are cut to them
	FlipY     bool       // row 0 at the bottom
	Diverging bool       // colours from blue over white at 0 to red; Lo and Hi default to ∓ the greatest magnitude
	Curves    []Series   // over the map, at most 8, in the coordinates of X and Y; a curve without X counts from 0
}

// Err returns what is wrong with h, or nil.
func (h Heatmap) Err() error {
	if h.Data == nil {
		return errors.New("show: the Heatmap has no Data")
	}
	rows, cols := h.Data.Dims()
	switch {
	case rows == 0 || cols == 0:
		return fmt.Errorf("show: the Data of the Heatmap is %d×%d; at least 1×1 is accepted", rows, cols)
	case h.Hi < h.Lo || math.IsNaN(h.Lo+h.Hi) || math.IsInf(h.Hi-h.Lo, 0):
		return fmt.Errorf("show: the Heatmap has Lo %v and Hi %v; finite values with Lo < Hi are accepted, or 0 and 0 for the range of the data", h.Lo, h.Hi)
	}
	for i, ends := range [][2]float64{h.X, h.Y} {
		if math.IsNaN(ends[0]+ends[1]) || math.IsInf(ends[1]-ends[0], 0) || ends[0] == ends[1] && ends[0] != 0 {
			return fmt.Errorf("show: the Heatmap has the ends %v of %s; two finite numbers that differ are accepted", ends, "XY"[i:i+1])
		}
	}
	return checkSeries("the Heatmap", h.Curves)
}

// Figure draws the map.
func (h Heatmap) Figure() *Figure {
	if err := h.Err(); err != nil {
		return failed(err)
	}
	rows, cols := h.Data.Dims()
	cells := newCells(h.Data)
	if cells.missing == rows*cols {
		return failed(fmt.Errorf("show: all %d entries of the Heatmap %q are missing (NaN)", rows*cols, h.Title))
	}
	lo, hi := h.scale(cells)
	cells.lo, cells.hi, cells.colors = lo, hi, viridis
	if h.Diverging {
		cells.colors = blueRed
	}
	p := newPlot(h.Title, orDefault(h.XLabel, "column"), orDefault(h.YLabel, "row"))
	// Row 0 is at the smaller coordinate, as index or as given.
	setEnds(&p.X, h.X, cols)
	setEnds(&p.Y, h.Y, rows)
	orient(&p.X, false)
	cells.zeroOnTop = orient(&p.Y, !h.FlipY)
	p.Add(cells)
	info := panel{aspect: float64(rows) / float64(cols), bar: linearBar(cells.colors, lo, hi, h.Unit)}
	info.aspect = math.Min(math.Max(info.aspect, 0.2), 2)
	info.lines = append(info.lines, fmt.Sprintf("  %d×%d, %s, colours from %s to %s", rows, cols,
		strings.TrimSpace(formatNumber(cells.least, 4)+" to "+formatNumber(cells.most, 4)+" "+h.Unit), formatNumber(lo, 4), formatNumber(hi, 4)))
	if cells.missing > 0 {
		info.entries = []entry{{"missing", -1, hatch{}}}
		info.lines = append(info.lines, fmt.Sprintf("  %d of %d entries missing (%.0f %%)", cells.missing, rows*cols,
			100*float64(cells.missing)/float64(rows*cols)))
	}
	for i, o := range newOverlays(h.Curves) {
		p.Add(o)
		info.lines = append(info.lines, "  "+o.c.summary)
		if name := h.Curves[i].Name; name != "" && o.c.points > 0 {
			info.entries = append(info.entries, entry{name, i, o.c})
		}
	}
	return &Figure{Plots: []*plot.Plot{p}, panels: []panel{info}}
}

// SimpleRender is how the map shows in a notebook: as its figure.
func (h Heatmap) SimpleRender() map[string]interface{} { return h.Figure().Render().Data }

// String is the figure's text.
func (h Heatmap) String() string { return h.Figure().String() }

// scale is the range of the colours.
func (h Heatmap) scale(c *cells) (lo, hi float64) {
	lo, hi = h.Lo, h.Hi
	if lo == 0 && hi == 0 {
		lo, hi = c.least, c.most
		if h.Diverging {
			hi = math.Max(math.Abs(lo), math.Abs(hi))
			lo = -hi
		}
	}
	if lo == hi {
		room := math.Max(math.Abs(lo)*0.1, 0.5)
		lo, hi = lo-room, hi+room
	}
	return lo, hi
}

func orDefault(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// setEnds gives an axis the coordinates of n cells.
func setEnds(a *plot.Axis, ends [2]float64, n int) {
	if ends == [2]float64{} {
		ends = [2]float64{-0.5, float64(n) - 0.5}
	}
	a.Min, a.Max = ends[0], ends[1]
}

// orient makes an axis that runs from its first to its last cell, or
// backward, and reports whether the cells run against the screen's direction.
func orient(a *plot.Axis, backward bool) bool {
	falling := a.Min > a.Max
	if falling {
		a.Min, a.Max = a.Max, a.Min
	}
	if backward != falling {
		a.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
	}
	return backward
}

// cells draws the entries of a matrix.
type cells struct {
	data        *mat.Dense
	least, most float64 // of the finite entries
	missing     int
	lo, hi      float64
	colors      colorMap
	zeroOnTop   bool // row 0 is the upmost
}

func newCells(m mat.Matrix) *cells {
	c := &cells{data: mat.DenseCopyOf(m), least: math.Inf(1), most: math.Inf(-1)}
	rows, cols := c.data.Dims()
	for i := range rows {
		for j := range cols {
			v := c.data.At(i, j)
			switch {
			case math.IsNaN(v):
				c.missing++
			case !math.IsInf(v, 0):
				c.least, c.most = math.Min(c.least, v), math.Max(c.most, v)
			}
		}
	}
	if c.least > c.most { // infinite entries alone
		c.least, c.most = 0, 0
	}
	return c
}

// Plot implements plot.Plotter.
func (c *cells) Plot(dc draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&dc)
	area := vg.Rectangle{Min: vg.Point{X: x(p.X.Min), Y: y(p.Y.Min)}, Max: vg.Point{X: x(p.X.Max), Y: y(p.Y.Max)}}
	area = vg.Rectangle{
		Min: vg.Point{X: min(area.Min.X, area.Max.X), Y: min(area.Min.Y, area.Max.Y)},
		Max: vg.Point{X: max(area.Min.X, area.Max.X), Y: max(area.Min.Y, area.Max.Y)},
	}
	dc.DrawImage(area, c.image())
	dc.SetLineStyle(draw.LineStyle{Color: frame, Width: 0.5})
	dc.Stroke(area.Path())
}

const (
	rasterWidth = 720 // pixels of a map, about; so that viewers which smooth images keep the squares
	shades      = 251 // odd, so that the middle of the scale has one of its own
)

// image is the map in pixels, with few colours so that it is a small file.
func (c *cells) image() image.Image {
	rows, cols := c.data.Dims()
	per := min(max(rasterWidth/max(rows, cols), 1), 64)
	palette := make(color.Palette, shades, shades+2)
	for k := range shades {
		palette[k] = c.colors.at(float64(k) / (shades - 1))
	}
	palette = append(palette, missingGround, missingLine)
	img := image.NewPaletted(image.Rect(0, 0, cols*per, rows*per), palette)
	for py := range rows * per {
		i := py / per
		if !c.zeroOnTop {
			i = rows - 1 - i
		}
		for px := range cols * per {
			v := c.data.At(i, px/per)
			img.Pix[py*img.Stride+px] = c.shade(v, px, py)
		}
	}
	return img
}

// shade is the index in the palette of a value at a pixel.
func (c *cells) shade(v float64, px, py int) uint8 {
	if math.IsNaN(v) {
		if (px+py)%12 < 2 {
			return shades + 1
		}
		return shades
	}
	t := math.Min(math.Max((v-c.lo)/(c.hi-c.lo), 0), 1)
	return uint8(math.Round(t * (shades - 1)))
}

var (
	missingGround = hex(0xe6e6e6)
	missingLine   = hex(0xc4c4c4)
)

// hatch is the legend's sample of missing entries.
type hatch struct{}

// Thumbnail implements plot.Thumbnailer.
func (hatch) Thumbnail(c *draw.Canvas) {
	img := image.NewPaletted(image.Rect(0, 0, 78, 30), color.Palette{missingGround, missingLine})
	for y := range 30 {
		for x := range 78 {
			if (x+y)%12 < 2 {
				img.Pix[y*img.Stride+x] = 1
			}
		}
	}
	c.DrawImage(c.Rectangle, img)
	c.SetLineStyle(draw.LineStyle{Color: frame, Width: 0.5})
	c.Stroke(c.Rectangle.Path())
}
