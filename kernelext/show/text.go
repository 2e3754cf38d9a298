package show

import (
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of text. At the width that a notebook shows them, one point is 4/3
// pixels.
const (
	tickSize  = vg.Length(9)
	labelSize = vg.Length(9.5)
	titleSize = vg.Length(10.5)
)

var (
	ink   = color.NRGBA{0x22, 0x26, 0x2b, 0xff} // text
	frame = color.NRGBA{0x6b, 0x72, 0x7a, 0xff} // axes
	faint = color.NRGBA{0xe3, 0xe6, 0xe9, 0xff} // grid lines
)

// scripts is a text handler that sets the superscripts and subscripts of
// Unicode (10⁻²⁰, UVᵀ, x₁) as smaller raised or lowered letters. The fonts of
// gonum/plot have only some of them as glyphs of their own.
type scripts struct{ text.Plain }

const (
	scriptScale = 0.72 // size of a script, of its line's
	raised      = 0.36 // its rise, of its line's size
	lowered     = -0.16
)

var raisedLetters = letters("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵀⁿⁱ", "0123456789+−Tni")
var loweredLetters = letters("₀₁₂₃₄₅₆₇₈₉₊₋ₖₙᵢⱼ", "0123456789+−knij")

// replaced are letters that the fonts lack, with what stands for them.
var replaced = map[rune]string{'∇': "grad ", '∈': "in", '𝒜': "A", '★': "*", '‑': "-", '✓': "+", '✗': "x", '↦': "→"}

func letters(from, to string) map[rune]rune {
	m := make(map[rune]rune)
	base := []rune(to)
	for i, r := range []rune(from) {
		m[r] = base[i]
	}
	return m
}

// accents are the spacing forms of combining accents.
var accents = map[rune]string{'\u0302': "ˆ", '\u0303': "˜", '\u0304': "¯", '\u0307': "˙", '\u0308': "¨"}

// run is a piece of a line at one size and height.
type run struct {
	text   string
	scale  float64
	rise   float64
	accent bool // drawn over the end of the run before
}

// runs splits a line into runs.
func runs(line string) []run {
	var out []run
	add := func(s string, scale, rise float64) {
		if n := len(out); n > 0 && out[n-1].rise == rise && !out[n-1].accent {
			out[n-1].text += s
			return
		}
		out = append(out, run{text: s, scale: scale, rise: rise})
	}
	for _, r := range line {
		if a, ok := accents[r]; ok {
			out = append(out, run{text: a, scale: 1, accent: true})
		} else if b, ok := raisedLetters[r]; ok {
			add(string(b), scriptScale, raised)
		} else if b, ok := loweredLetters[r]; ok {
			add(string(b), scriptScale, lowered)
		} else if s, ok := replaced[r]; ok {
			add(s, 1, 0)
		} else {
			add(string(r), 1, 0)
		}
	}
	return out
}

func (h scripts) width(line string, fnt font.Font) vg.Length {
	var w vg.Length
	for _, r := range runs(line) {
		if !r.accent {
			face := h.Fonts.Lookup(fnt, fnt.Size*vg.Length(r.scale))
			w += face.Width(r.text)
		}
	}
	return w
}

// Box implements text.Handler.
func (h scripts) Box(txt string, fnt font.Font) (width, height, depth vg.Length) {
	_, height, depth = h.Plain.Box("", fnt)
	return h.width(txt, fnt), height, depth
}

// Draw implements text.Handler.
func (h scripts) Draw(c vg.Canvas, txt string, sty text.Style, pt vg.Point) {
	txt = strings.TrimRight(txt, "\n")
	if txt == "" {
		return
	}
	c.SetColor(sty.Color)
	if sty.Rotation != 0 {
		c.Push()
		defer c.Pop()
		c.Rotate(sty.Rotation)
	}
	sin, cos := math.Sincos(sty.Rotation)
	pt.X, pt.Y = pt.Y*vg.Length(sin)+pt.X*vg.Length(cos), pt.Y*vg.Length(cos)-pt.X*vg.Length(sin)

	lines := h.Lines(txt)
	pt.Y += sty.Height(txt)*vg.Length(sty.YAlign) - h.Extents(sty.Font).Ascent
	for i, line := range lines {
		at := vg.Point{
			X: pt.X + vg.Length(sty.XAlign)*h.width(line, sty.Font),
			Y: pt.Y + vg.Length(len(lines)-i)*sty.Font.Size,
		}
		for _, r := range runs(line) {
			face := h.Fonts.Lookup(sty.Font, sty.Font.Size*vg.Length(r.scale))
			if r.accent {
				// Centred over the letter before, which is about half its size wide.
				c.FillString(face, vg.Point{X: at.X - 0.28*sty.Font.Size - face.Width(r.text)/2, Y: at.Y}, r.text)
				continue
			}
			// Browsers drop spaces at the beginning of a text element.
			word := strings.TrimLeft(r.text, " ")
			at.X += face.Width(r.text[:len(r.text)-len(word)])
			c.FillString(face, vg.Point{X: at.X, Y: at.Y + vg.Length(r.rise)*sty.Font.Size}, word)
			at.X += face.Width(word)
		}
	}
}

// textStyle is the style of text of this size, aligned by its top left corner.
func textStyle(size vg.Length) draw.TextStyle {
	return draw.TextStyle{
		Color:   ink,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: size},
		XAlign:  text.XLeft,
		YAlign:  text.YTop,
		Handler: scripts{text.Plain{Fonts: font.DefaultCache}},
	}
}

// textBeside writes small text to the right of a point, its digits and capitals
// centred at the point's height.
func textBeside(c draw.Canvas, at vg.Point, s string) {
	style := textStyle(tickSize)
	style.YAlign = draw.YCenter
	at.Y += 0.1 * tickSize
	c.FillText(style, at, s)
}

// newPlot returns an empty plot in the house's style.
func newPlot(title, xLabel, yLabel string) *plot.Plot {
	p := plot.New()
	p.TextHandler = textStyle(tickSize).Handler
	restyle := func(s *text.Style, size vg.Length) {
		own := textStyle(size)
		own.XAlign, own.YAlign, own.Rotation = s.XAlign, s.YAlign, s.Rotation
		*s = own
	}
	p.BackgroundColor = nil // the figure's ground is drawn once, under all panels
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, xLabel, yLabel
	p.Title.Padding = 6
	restyle(&p.Title.TextStyle, titleSize)
	restyle(&p.Legend.TextStyle, tickSize)
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		restyle(&a.Label.TextStyle, labelSize)
		restyle(&a.Tick.Label, tickSize)
		a.LineStyle = draw.LineStyle{Color: frame, Width: 0.75}
		a.Tick.LineStyle = a.LineStyle
		a.Tick.Length = 4
		a.Tick.Marker = linearTicks{}
		a.Label.Padding = 3
		a.Padding = 0
	}
	return p
}
