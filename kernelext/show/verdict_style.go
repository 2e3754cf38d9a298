package show

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
)

// pointStyle is how all figures show a verdict: by colour, line and symbol,
// so that one of them is enough.
type pointStyle struct {
	name    string
	color   color.NRGBA
	dashes  []vg.Length
	corners [][2]vg.Length // of the symbol, in radii; nil for a disc
}

// pointStyles are in the order of legends.
var pointStyles = map[landscape.Verdict]pointStyle{
	landscape.LargeGradient: {"far: large gradient", hex(0x0072b2), nil, [][2]vg.Length{{0, 1.3}, {1.15, -0.8}, {-1.15, -0.8}}},
	landscape.NegativeCurvature: {
		"saddle region: negative curvature", hex(0xd55e00), []vg.Length{5, 1.6},
		[][2]vg.Length{{0, 1.4}, {1.2, 0}, {0, -1.4}, {-1.2, 0}},
	},
	landscape.NearOptimum: {"basin: near the optimum", hex(0x009e73), []vg.Length{1.8, 1.4}, nil},
	landscape.SecondOrder: {
		"second-order point", hex(0xb8478a), []vg.Length{7, 1.8, 1.8, 1.8},
		[][2]vg.Length{{0.95, 0.95}, {0.95, -0.95}, {-0.95, -0.95}, {-0.95, 0.95}},
	},
	landscape.Undecided: {
		"undecided", hex(0x7a6a00), []vg.Length{3, 2, 1, 2},
		[][2]vg.Length{{0, -1.3}, {1.15, 0.8}, {-1.15, 0.8}},
	},
}

// verdictOrder is that of legends: as a run meets them.
var verdictOrder = []landscape.Verdict{
	landscape.LargeGradient, landscape.NegativeCurvature, landscape.NearOptimum, landscape.SecondOrder, landscape.Undecided,
}

// uncertified is the style of what has no certificate.
var uncertified = pointStyle{name: "not certified", color: hex(0x8a929a), dashes: []vg.Length{1, 2}}

// styleOf is the style of what c says; a nil c has none.
func styleOf(c *landscape.Certificate) pointStyle {
	if c == nil {
		return uncertified
	}
	if s, ok := pointStyles[c.Verdict]; ok {
		return s
	}
	return pointStyles[landscape.Undecided]
}

// verdictMark is the symbol of a certificate: full when the verdict is proven,
// hollow when it is estimated.
type verdictMark struct {
	style  pointStyle
	hollow bool
}

func markOf(c *landscape.Certificate) verdictMark {
	return verdictMark{styleOf(c), c == nil || !c.Rigorous}
}

// draw draws the symbol with a white seam, so that it is seen on every colour.
func (m verdictMark) draw(c draw.Canvas, at vg.Point, radius vg.Length) {
	shape := m.shape(at, radius)
	c.SetLineStyle(draw.LineStyle{Color: color.White, Width: 4})
	c.Stroke(shape)
	c.SetColor(m.style.color)
	if m.hollow {
		c.SetColor(color.White)
	}
	c.Fill(shape)
	c.SetLineStyle(draw.LineStyle{Color: m.style.color, Width: 1.6})
	c.Stroke(shape)
}

func (m verdictMark) shape(at vg.Point, radius vg.Length) vg.Path {
	if m.style.corners == nil {
		var p vg.Path
		p.Move(vg.Point{X: at.X + radius, Y: at.Y})
		p.Arc(at, radius, 0, 2*math.Pi)
		p.Close()
		return p
	}
	// It begins in the middle of a side, so that all corners are joined alike.
	n := len(m.style.corners)
	first, last := m.style.corners[0], m.style.corners[n-1]
	scaled := [][2]vg.Length{{(first[0] + last[0]) / 2 * radius, (first[1] + last[1]) / 2 * radius}}
	for _, q := range m.style.corners {
		scaled = append(scaled, [2]vg.Length{q[0] * radius, q[1] * radius})
	}
	return polygon(at, scaled)
}

// verdictSample shows a verdict in a legend: its symbol and, of a curve, its
// line.
type verdictSample struct {
	verdictMark
	line bool
}

// Thumbnail implements plot.Thumbnailer.
func (s verdictSample) Thumbnail(c *draw.Canvas) {
	mid := c.Center()
	if s.line {
		c.StrokeLine2(draw.LineStyle{Color: s.style.color, Width: 1.8, Dashes: s.style.dashes}, c.Min.X, mid.Y, c.Max.X, mid.Y)
	}
	s.draw(*c, mid, 3.2)
}

// verdictEntries names the verdicts of certificates once each, in the order of
// legends, then what has none, and what a hollow symbol means.
func verdictEntries(certs []*landscape.Certificate, line bool) []entry {
	seen := map[string]*landscape.Certificate{}
	hollow := false
	for _, c := range certs {
		s := styleOf(c)
		if old, ok := seen[s.name]; !ok || old != nil && !old.Rigorous {
			seen[s.name] = c
		}
		hollow = hollow || c != nil && !c.Rigorous
	}
	var out []entry
	add := func(s pointStyle) {
		if c, ok := seen[s.name]; ok {
			out = append(out, entry{s.name, -10 - len(out), verdictSample{markOf(c), line}})
		}
	}
	for _, v := range verdictOrder {
		add(pointStyles[v])
	}
	add(uncertified)
	if hollow {
		out = append(out, entry{"hollow: estimated, not proven", -20, verdictSample{verdictMark{pointStyle{color: ink}, true}, false}})
	}
	return out
}

// certificateWords says in a few words what a certificate found.
func certificateWords(c *landscape.Certificate) string {
	if c == nil {
		return uncertified.name
	}
	words := styleOf(c).name
	if c.Rigorous {
		words += ", proven"
	} else {
		words += ", estimated"
	}
	return words + "; gradient norm " + formatNumber(c.GradNorm, 3) + ", " + curvatureWords(c.Curvature)
}

// curvatureWords gives the smallest eigenvalue that was found, with its residual.
func curvatureWords(k landscape.Curvature) string {
	if !drawable(k.Value, false) {
		return "no eigenvalue known"
	}
	text := "smallest eigenvalue found " + formatNumber(k.Value, 4)
	if drawable(k.Residual, false) {
		text += " ± " + formatNumber(k.Residual, 2)
	}
	return text
}
