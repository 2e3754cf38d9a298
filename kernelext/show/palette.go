package show

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// lineColors are those of Okabe and Ito that are dark enough on white, the
// easiest to tell apart first.
var lineColors = []color.Color{
	hex(0x0072b2), hex(0xd55e00), hex(0x009e73), hex(0xcc79a7), hex(0xe69f00), hex(0x56b4e9), hex(0x000000), hex(0x7a6a00),
}

// dashes and glyphs repeat what the colours say, for readers and printers
// that have none.
var dashes = [][]vg.Length{
	nil, {6, 2}, {2, 1.6}, {7, 2, 1.6, 2}, {10, 2.4}, {4, 1.4, 1.4, 1.4}, {3, 2.4}, {9, 1.6, 2, 1.6, 2, 1.6},
}

var glyphs = []draw.GlyphDrawer{
	draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, diamond{}, draw.RingGlyph{}, draw.SquareGlyph{}, draw.CrossGlyph{}, draw.PlusGlyph{},
}

// maxSeries is how many series one panel can show so that they differ.
const maxSeries = 8

// diamond is a filled glyph.
type diamond struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (diamond) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, pt vg.Point) {
	r := 1.25 * sty.Radius
	c.FillPolygon(sty.Color, []vg.Point{{X: pt.X - r, Y: pt.Y}, {X: pt.X, Y: pt.Y + r}, {X: pt.X + r, Y: pt.Y}, {X: pt.X, Y: pt.Y - r}})
}

func hex(rgb uint32) color.NRGBA {
	return color.NRGBA{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb), 0xff}
}

// colorMap is a scale of colours through equally spaced anchors.
type colorMap []color.NRGBA

// viridis is matplotlib's map of that name: even steps look even, also in
// grey and to colour-blind readers.
var viridis = colorMap{
	hex(0x440154), hex(0x482878), hex(0x3e4989), hex(0x31688e), hex(0x26828e),
	hex(0x1f9e89), hex(0x35b779), hex(0x6ece58), hex(0xb5de2b), hex(0xfde725),
}

// blueRed is ColorBrewer's RdBu from blue to red, with its white at the centre.
var blueRed = colorMap{
	hex(0x053061), hex(0x2166ac), hex(0x4393c3), hex(0x92c5de), hex(0xd1e5f0), hex(0xf7f7f7),
	hex(0xfddbc7), hex(0xf4a582), hex(0xd6604d), hex(0xb2182b), hex(0x67001f),
}

// at returns the colour at t, which is cut to [0, 1].
func (m colorMap) at(t float64) color.NRGBA {
	x := math.Min(math.Max(t, 0), 1) * float64(len(m)-1)
	i := min(int(x), len(m)-2)
	return mix(m[i], m[i+1], x-float64(i))
}

// mix goes from a to b as t goes from 0 to 1.
func mix(a, b color.NRGBA, t float64) color.NRGBA {
	f := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + t*(float64(b)-float64(a)))) }
	return color.NRGBA{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B), f(a.A, b.A)}
}
