package landscape

import (
	"encoding/json"
	"fmt"
	"html"
	"math"
	"strings"
	"unicode/utf8"
)

// String prints the certificate on one screen: the verdict as a sentence, the
// numbers, what is proven by them and what is only estimated.
func (c *Certificate) String() string {
	var b strings.Builder
	title := strings.ToUpper(c.Verdict.String())
	if c.Rigorous {
		title += " (proven)"
	}
	fmt.Fprintf(&b, "%s\n", title)
	wrap(&b, "", c.Sentence())
	b.WriteByte('\n')
	for _, row := range c.rows() {
		wrap(&b, fmt.Sprintf("%-12s", row[0]), row[1])
	}
	for _, part := range c.parts() {
		fmt.Fprintf(&b, "\n%s\n", part.title)
		for _, line := range part.lines {
			wrap(&b, "  · ", line)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

type printedPart struct {
	title string
	lines []string
}

func (c *Certificate) parts() []printedPart {
	return []printedPart{{"proven by the numbers", c.Proven()}, {"estimated", c.Estimated()}}
}

// width is that of a terminal.
const width = 80

// wrap writes text in lines, the first with the prefix, the others below it.
func wrap(b *strings.Builder, prefix, text string) {
	indent := utf8.RuneCountInString(prefix)
	b.WriteString(prefix)
	at := indent
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+n > width:
			b.WriteByte('\n')
			b.WriteString(strings.Repeat(" ", indent))
			at = indent
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	b.WriteByte('\n')
}

// rows are the numbers, named.
func (c *Certificate) rows() [][2]string {
	k := c.Curvature
	shape := fmt.Sprintf("%d×%d, rank %d", c.D1, c.D2, c.Rank)
	if c.Symmetric {
		shape += ", symmetric"
	}
	if c.Majoriser {
		shape += "; by its majoriser at the point"
	}
	rows := [][2]string{
		{"problem", c.Problem + ": " + shape},
		{"value", fmt.Sprintf("%.6g", c.Loss)},
		{"gradient", fmt.Sprintf("%.3g, relative %.2g; θ = %.2g", c.GradNorm, c.RelGrad, c.Theta)},
	}
	if !math.IsNaN(k.Value) {
		rows = append(rows, [2]string{"curvature", fmt.Sprintf("%.5g … %.5g, residual %.2g; γ = %.2g; %s", k.Value, k.Largest, k.Residual, c.Gamma, c.products())})
	}
	if !math.IsNaN(c.Distance) {
		rows = append(rows, [2]string{"distance", fmt.Sprintf("%.3g to the truth%s; ζ = %.2g", c.Distance, c.relErr(), c.Zeta)})
	}
	if c.Gap != nil {
		rows = append(rows, [2]string{"gap", c.gapLine()})
	}
	return append(rows, [2]string{"factors", c.factors()}, [2]string{"group", c.groupLine()})
}

func (c *Certificate) products() string {
	s := fmt.Sprintf("%d Hessian products", c.Curvature.Products)
	if c.Curvature.Gradients {
		s += " from differences of gradients"
	}
	return s
}

func (c *Certificate) factors() string {
	if c.Symmetric {
		return fmt.Sprintf("rank %d of %d, condition %.3g", c.RankU, c.Rank, c.CondU)
	}
	return fmt.Sprintf("ranks %d and %d of %d, conditions %.3g and %.3g, ‖UᵀU − VᵀV‖ = %.2g", c.RankU, c.RankV, c.Rank, c.CondU, c.CondV, c.Balance)
}

func (c *Certificate) groupLine() string {
	return fmt.Sprintf("%v, %d null directions, %d of them left out of the search", c.Gauge, c.GaugeDim, c.Deflated)
}

// HTML shows the certificate as a card in a notebook, readable on light and dark
// pages.
func (c *Certificate) HTML() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<div style="border:1px solid rgba(128,128,128,.4);border-left:5px solid %s;border-radius:6px;padding:10px 16px;max-width:62em;font-family:sans-serif;line-height:1.45">`, c.Verdict.colour())
	proven := ""
	if c.Rigorous {
		proven = ` <span style="font-weight:normal;opacity:.75">proven</span>`
	}
	fmt.Fprintf(&b, `<div style="font-weight:bold;font-size:1.1em">%s%s</div><p style="margin:.4em 0 .8em">%s</p>`, html.EscapeString(capital(c.Verdict.String())), proven, html.EscapeString(c.Sentence()))
	b.WriteString(`<table style="border-collapse:collapse;margin:0">`)
	for _, row := range c.rows() {
		fmt.Fprintf(&b, `<tr style="background:none"><th style="text-align:left;padding:1px 16px 1px 0;font-weight:normal;opacity:.75;vertical-align:top">%s</th><td style="text-align:left;padding:1px 0">%s</td></tr>`, html.EscapeString(row[0]), html.EscapeString(row[1]))
	}
	b.WriteString(`</table>`)
	for _, part := range c.parts() {
		fmt.Fprintf(&b, `<div style="margin-top:.8em;font-weight:bold">%s</div><ul style="margin:.2em 0 0;padding-left:1.3em">`, html.EscapeString(capital(part.title)))
		for _, line := range part.lines {
			fmt.Fprintf(&b, `<li>%s</li>`, html.EscapeString(line))
		}
		b.WriteString(`</ul>`)
	}
	b.WriteString(`</div>`)
	return b.String()
}

// colour marks the card, in the colours that pictures give the verdicts, of
// which each has enough contrast on white and on black and differs from the
// others to colour-blind readers.
func (v Verdict) colour() string {
	switch v {
	case LargeGradient:
		return "#0072b2"
	case NegativeCurvature:
		return "#d55e00"
	case NearOptimum:
		return "#009e73"
	case SecondOrder:
		return "#b8478a"
	}
	return "#7a6a00"
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// MarshalJSON writes the numbers by the names of the fields, with the verdict
// in words. Numbers that are not finite are null; the direction is left out.
func (c *Certificate) MarshalJSON() ([]byte, error) {
	k := c.Curvature
	out := certificateJSON{
		Verdict: c.Verdict.String(), Rigorous: c.Rigorous, Sentence: c.Sentence(),
		Problem: c.Problem, D1: c.D1, D2: c.D2, Rank: c.Rank, Symmetric: c.Symmetric, Majoriser: c.Majoriser,
		Loss: number(c.Loss), GradNorm: number(c.GradNorm), RelGrad: number(c.RelGrad), Scale: number(c.Scale),
		Curvature: curvatureJSON{
			Value: number(k.Value), Residual: number(k.Residual), Largest: number(k.Largest), Products: k.Products,
			Converged: k.Converged, Confirmed: k.Confirmed, Gradients: k.Gradients, Error: number(k.Error),
			Lower: number(k.Lower), Failure: k.Failure,
		},
		Distance: number(c.Distance), RelErr: number(c.RelErr),
		TruthMinimum: c.TruthMinimum.String(), TruthLoss: number(c.TruthLoss), TruthGrad: number(c.TruthGrad),
		Theta: number(c.Theta), Gamma: number(c.Gamma), Zeta: number(c.Zeta),
		Balance: number(c.Balance), CondU: number(c.CondU), CondV: number(c.CondV), RankU: c.RankU, RankV: c.RankV,
		Gauge: c.Gauge.String(), GaugeDim: c.GaugeDim, Deflated: c.Deflated,
		Proven: c.Proven(), Estimated: c.Estimated(),
	}
	if g := c.Gap; g != nil {
		out.Gap = &gapJSON{number(g.Inner), number(g.Spectral), g.Exact, g.Failure, number(g.Nuclear), number(c.radius()), number(g.At(c.radius()))}
	}
	return json.Marshal(out)
}

// number is a number that JSON can hold, else null.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	if !finite(float64(n)) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

type certificateJSON struct {
	Verdict, Sentence                string
	Rigorous                         bool
	Problem                          string
	D1, D2, Rank                     int
	Symmetric, Majoriser             bool
	Loss, GradNorm, RelGrad, Scale   number
	Curvature                        curvatureJSON
	Distance, RelErr                 number
	TruthMinimum                     string
	TruthLoss, TruthGrad             number
	Theta, Gamma, Zeta               number
	Gap                              *gapJSON
	Balance, CondU, CondV            number
	RankU, RankV, GaugeDim, Deflated int
	Gauge                            string
	Proven, Estimated                []string
}

type curvatureJSON struct {
	Value, Residual, Largest        number
	Products                        int
	Converged, Confirmed, Gradients bool
	Error, Lower                    number
	Failure                         float64
}

type gapJSON struct {
	Inner, Spectral number
	Exact           bool
	Failure         float64
	// Bound is the gap for the radius Tau.
	Nuclear, Tau, Bound number
}
