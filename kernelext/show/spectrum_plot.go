package show

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var (
	positiveColor = hex(0x0072b2)
	negativeColor = hex(0xd55e00)
)

// rowTicks writes the names of points beside their rows.
type rowTicks []*spectrumRow

// Ticks implements plot.Ticker.
func (t rowTicks) Ticks(lo, hi float64) []plot.Tick {
	var out []plot.Tick
	for i, r := range t {
		out = append(out, plot.Tick{Value: -float64(i), Label: shorten(r.Name, 18)})
	}
	return out
}

// spectrumView draws the rows of a spectrum.
type spectrumView struct {
	rows []*spectrumRow
	axis symlog
}

// Plot implements plot.Plotter.
func (v *spectrumView) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	v.ground(c, p, x)
	for i, r := range v.rows {
		mid, high := y(-float64(i)), (y(0)-y(-1))*0.3
		c.StrokeLine2(draw.LineStyle{Color: frame, Width: 0.5}, c.Min.X, mid, c.Max.X, mid)
		for _, e := range r.values {
			at := x(e)
			switch {
			case math.Abs(e) <= roundedToZero*r.largest:
			case e > 0:
				c.StrokeLine2(draw.LineStyle{Color: positiveColor, Width: 0.9}, at, mid, at, mid+high)
			default:
				c.StrokeLine2(draw.LineStyle{Color: negativeColor, Width: 1.3}, at, mid-high, at, mid)
				c.DrawGlyph(negativeGlyph, vg.Point{X: at, Y: mid - high})
			}
		}
		v.zeros(c, r, vg.Point{X: x(0), Y: mid})
		v.certificate(c, r, x, mid+high+5)
	}
}

var negativeGlyph = draw.GlyphStyle{Color: negativeColor, Radius: 2.2, Shape: draw.CircleGlyph{}}

// ground shades the half of negative values and draws the ticks' lines.
func (v *spectrumView) ground(c draw.Canvas, p *plot.Plot, x func(float64) vg.Length) {
	if zero := x(0); zero > c.Min.X {
		c.SetColor(negativeGround)
		c.Fill(vg.Rectangle{Min: c.Min, Max: vg.Point{X: zero, Y: c.Max.Y}}.Path())
	}
	for _, t := range v.axis.Ticks(p.X.Min, p.X.Max) {
		if at := x(t.Value); !t.IsMinor() && c.ContainsX(at) {
			c.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.5}, at, c.Min.Y, at, c.Max.Y)
		}
	}
}

// zeros draws the ring of those that are 0, with their number.
func (v *spectrumView) zeros(c draw.Canvas, r *spectrumRow, at vg.Point) {
	if r.zeros == 0 {
		return
	}
	disc := verdictMark{style: pointStyle{color: ink}, hollow: true}
	disc.draw(c, at, 3.4)
	textBeside(c, vg.Point{X: at.X + 7, Y: at.Y - 8}, fmt.Sprintf("%d×", r.zeros))
}

// certificate draws what a certificate found, with its residual.
func (v *spectrumView) certificate(c draw.Canvas, r *spectrumRow, x func(float64) vg.Length, height vg.Length) {
	if r.Certificate == nil {
		return
	}
	k := r.Certificate.Curvature
	if !drawable(k.Value, false) {
		return
	}
	line := draw.LineStyle{Color: ink, Width: 1}
	if k.Residual > 0 && drawable(k.Residual, false) {
		lo, hi := max(x(k.Value-k.Residual), c.Min.X), min(x(k.Value+k.Residual), c.Max.X)
		c.StrokeLine2(line, lo, height, hi, height)
		for _, end := range []vg.Length{lo, hi} {
			c.StrokeLine2(line, end, height-3.5, end, height+3.5)
		}
	}
	markOf(r.Certificate).draw(c, vg.Point{X: x(k.Value), Y: height}, 2.6)
}

// stemSample is an eigenvalue in the legend.
type stemSample struct{ negative bool }

// Thumbnail implements plot.Thumbnailer.
func (s stemSample) Thumbnail(c *draw.Canvas) {
	mid := c.Center()
	for _, dx := range []vg.Length{-7, -1, 3} {
		if s.negative {
			c.StrokeLine2(draw.LineStyle{Color: negativeColor, Width: 1.3}, mid.X+dx, c.Min.Y+1, mid.X+dx, c.Max.Y)
			c.DrawGlyph(negativeGlyph, vg.Point{X: mid.X + dx, Y: c.Min.Y + 1})
			continue
		}
		c.StrokeLine2(draw.LineStyle{Color: positiveColor, Width: 0.9}, mid.X+dx, c.Min.Y, mid.X+dx, c.Max.Y)
	}
}

// spectrumEntries is the legend: what is there.
func spectrumEntries(rows []*spectrumRow) []entry {
	var out []entry
	negative, positive, zeros := 0, 0, 0
	var certified *spectrumRow
	for _, r := range rows {
		negative, zeros = negative+r.negative, zeros+r.zeros
		positive += len(r.values) - r.negative - r.zeros
		if r.Certificate != nil && certified == nil {
			certified = r
		}
	}
	if negative > 0 {
		out = append(out, entry{"negative", -40, stemSample{true}})
	}
	if positive > 0 {
		out = append(out, entry{"positive", -41, stemSample{false}})
	}
	if zeros > 0 {
		out = append(out, entry{"0 to rounding, how many", -42, verdictSample{verdictMark{pointStyle{color: ink}, true}, false}})
	}
	if certified != nil {
		out = append(out, entry{"certificate ± residual", -43, verdictSample{markOf(certified.Certificate), false}})
	}
	return out
}
