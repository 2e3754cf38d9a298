package show

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
	"pgregory.net/rapid"

	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
)

func TestVerdictsErrors(t *testing.T) {
	curve := Series{Name: "loss", Y: []float64{4, 3, 2, 1}}
	c := made(landscape.LargeGradient, true, 1, 0, 2)
	for _, k := range []struct {
		says string
		v    Verdicts
	}{
		{`series 1 "" has no points`, Verdicts{Points: []Certified{{0, c}}}},
		{`trace of series "x" is nil`, Verdicts{Curve: Loss("x", nil), Points: []Certified{{0, c}}}},
		{"1 values of X and 2 of Y", Verdicts{Curve: Series{X: []float64{1}, Y: []float64{1, 2}}, Points: []Certified{{0, c}}}},
		{"needs certified steps", Verdicts{Curve: curve}},
		{"certified step 2 of 2, iteration 3, has no Certificate", Verdicts{Curve: curve, Points: []Certified{{0, c}, {3, nil}}}},
		{"certified step 1 of 1 is at iteration 4; the curve has iterations 0 to 3", Verdicts{Curve: curve, Points: []Certified{{4, c}}}},
		{"certified step 1 of 1 is at iteration -1", Verdicts{Curve: curve, Points: []Certified{{-1, c}}}},
		{"has 1 at place 1 after 1; iterations must be finite and grow", Verdicts{Curve: Series{X: []float64{1, 1}, Y: []float64{1, 2}}, Points: []Certified{{1, c}}}},
		{"has NaN at place 0", Verdicts{Curve: Series{X: []float64{math.NaN()}, Y: []float64{1}}, Points: []Certified{{1, c}}}},
		{"no point of the curve of Verdicts can be drawn; finite values above 0", Verdicts{Curve: Series{Y: []float64{0, -1, math.NaN()}}, Points: []Certified{{1, c}}}},
	} {
		d := Render(k.v)
		if text := d.MIME[TextMIME].(string); !strings.Contains(text, k.says) || d.MIME[HTMLMIME] == nil {
			t.Errorf("%q does not say %q", text, k.says)
		}
	}
}

// TestVerdictsText: the stretches of the run, the legend, the ends of the
// curvature; points may come in any order and stay as they are.
func TestVerdictsText(t *testing.T) {
	_, _, _, v := escape(t)
	slices.Reverse(v.Points)
	first := v.Points[0]
	f := v.Figure()
	got := f.String()
	for _, want := range []string{
		"Convergence by verdict\n  y: gradient norm (logarithmic)\n",
		"iterations 0 to 20: saddle region: negative curvature (3 of 3 proven)",
		"iterations 30 to 110: far: large gradient (4 of 9 proven)",
		"iterations 120 to 300: basin: near the optimum (19 of 19 proven)",
		"Curvature and gradient, relative\n  x: iteration; y: relative",
		"least -0.75 at iteration 0, at the end 0.125 ± 6.3e-11",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	if v.Points[0] != first {
		t.Error("the points were put in another order")
	}
	svg := f.SVG()
	for _, want := range []string{
		">far: large gradient<", ">saddle region: negative curvature<", ">basin: near the optimum<", ">nothing certified<",
		">hollow: estimated, not proven<", ">smallest eigenvalue ± residual<", ">relative gradient norm<", ">−γ: negative is below<",
	} {
		if strings.Count(svg, want) != 1 {
			t.Errorf("%s is there %d times", want, strings.Count(svg, want))
		}
	}
	if strings.Contains(svg, "undecided") || strings.Contains(svg, "second-order") {
		t.Error("the legend names a verdict that nothing has")
	}
}

// TestVerdictsStacked: the panels stand below each other with the same
// iterations, one column wide.
func TestVerdictsStacked(t *testing.T) {
	_, _, _, v := escape(t)
	f := v.Figure()
	l := newLayout(f, f.noteWidth())
	if l.rows != 2 || l.cols != 1 || f.noteWidth() != oneNote {
		t.Errorf("%d×%d panels on %v", l.rows, l.cols, f.noteWidth())
	}
	if a, b := f.Plots[0].X, f.Plots[1].X; a.Min != b.Min || a.Max != b.Max {
		t.Errorf("iterations %v to %v above, %v to %v below", a.Min, a.Max, b.Min, b.Max)
	}
	canvases := l.align(draw.NewCanvas(&recorder.Canvas{}, l.w, l.h))
	upper, lower := l.plots[0].DataCanvas(canvases[0][0]), l.plots[1].DataCanvas(canvases[1][0])
	if math.Abs(float64(upper.Min.X-lower.Min.X)) > 0.01 || math.Abs(float64(upper.Max.X-lower.Max.X)) > 0.01 || upper.Min.Y <= lower.Max.Y {
		t.Errorf("the panels are at %v and %v", upper.Rectangle, lower.Rectangle)
	}
}

// TestVerdictsFew: one certificate, certificates that know no curvature, one
// iteration, and a curve with holes.
func TestVerdictsFew(t *testing.T) {
	unknown := made(landscape.Undecided, false, math.NaN(), math.NaN(), math.NaN())
	unknown.RelGrad, unknown.Gamma = math.NaN(), math.NaN()
	long := Series{Name: "loss", Y: make([]float64, 5001)}
	for k := range long.Y {
		long.Y[k] = math.Exp(-0.01 * float64(k))
	}
	for name, v := range map[string]Verdicts{
		"one certificate": {Curve: Series{Y: []float64{3, 2, 1}}, Points: []Certified{{1, made(landscape.SecondOrder, false, 1, 0.5, 2)}}},
		"no curvature":    {Curve: Series{Y: []float64{3, 2, 1}}, Points: []Certified{{0, unknown}, {2, unknown}}},
		"one iteration":   {Curve: Series{Y: []float64{3}}, Points: []Certified{{0, made(landscape.NearOptimum, true, 0, 0, 0)}}},
		"holes":           {Curve: Series{Y: []float64{3, math.NaN(), 0, 2, 1}}, Points: []Certified{{0, unknown}, {2, unknown}, {4, unknown}}},
		"long":            {Curve: long, Points: []Certified{{0, made(landscape.LargeGradient, true, -1, 0.1, 3)}, {5000, made(landscape.LargeGradient, true, 1, 0.1, 3)}}},
		"steep":           {Curve: Series{Y: []float64{1e300, 1e-300}}, Points: []Certified{{0, made(landscape.LargeGradient, true, -1e300, 1, 1e300)}, {1, made(landscape.NearOptimum, true, 1e-300, 0, 1e-290)}}},
	} {
		d := Render(v)
		svg, _ := d.MIME[SVGMIME].(string)
		if svg == "" || strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Errorf("%s: not drawn: %v", name, d.MIME[TextMIME])
		}
		if name == "long" && len(svg) > 40_000 {
			t.Errorf("%d bytes for 5001 points", len(svg))
		}
	}
	if text := (Verdicts{Curve: Series{Y: []float64{3, 2}}, Points: []Certified{{0, unknown}}}).String(); !strings.Contains(text, "no eigenvalue is known") || !strings.Contains(text, "iteration 0: undecided (0 of 1 proven)") {
		t.Errorf("the text:\n%s", text)
	}
}

// TestVerdictBetween: a stretch has the verdict that all certificates around
// and inside it have, and none else. The twin looks at every certificate.
func TestVerdictBetween(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "n")
		var points []Certified
		iter := 0
		for range n {
			iter += rapid.IntRange(1, 4).Draw(t, "gap")
			v := []landscape.Verdict{landscape.LargeGradient, landscape.NearOptimum}[rapid.IntRange(0, 1).Draw(t, "verdict")]
			points = append(points, Certified{iter, made(v, true, 0, 0, 1)})
		}
		x0 := float64(rapid.IntRange(0, iter+2).Draw(t, "x0"))
		x1 := x0 + float64(rapid.IntRange(1, 5).Draw(t, "length"))
		got := between(points, x0, x1).name
		lo, hi := math.Inf(-1), math.Inf(1) // the nearest certificates outside
		for _, q := range points {
			if k := float64(q.Iter); k <= x0 {
				lo = math.Max(lo, k)
			}
			if k := float64(q.Iter); k >= x1 {
				hi = math.Min(hi, k)
			}
		}
		names := map[string]bool{}
		for _, q := range points {
			if k := float64(q.Iter); k >= lo && k <= hi {
				names[styleOf(q.Certificate).name] = true
			}
		}
		want := uncertified.name
		if len(names) == 1 && !math.IsInf(lo, 0) && !math.IsInf(hi, 0) {
			for name := range names {
				want = name
			}
		}
		if got != want {
			t.Fatalf("%v to %v: %q, want %q (%v)", x0, x1, got, want, points)
		}
	})
}

// TestVerdictCurve: the pieces are the curve, in order and without a gap but
// where a value is missing, and the steps lie on it.
func TestVerdictCurve(t *testing.T) {
	s := Series{X: []float64{0, 10, 20, 30, 40, 50}, Y: []float64{32, 16, 8, 4, 2, 1}}
	far, near := made(landscape.LargeGradient, true, 0, 0, 1), made(landscape.NearOptimum, true, 0, 0, 1)
	c := newVerdictCurve(s, []Certified{{5, far}, {20, far}, {40, near}, {50, near}})
	var names []string
	for i, p := range c.pieces {
		names = append(names, p.style.name)
		if i > 0 && p.line[0] != c.pieces[i-1].line[len(c.pieces[i-1].line)-1] {
			t.Errorf("piece %d begins at %v", i, p.line[0])
		}
	}
	want := []string{uncertified.name, pointStyles[landscape.LargeGradient].name, uncertified.name, pointStyles[landscape.NearOptimum].name}
	if !slices.Equal(names, want) || !c.uncertain {
		t.Errorf("pieces %q, want %q", names, want)
	}
	if at := c.marks[0]; at.X != 5 || math.Abs(at.Y-math.Sqrt(32*16)) > 1e-12 {
		t.Errorf("the step between two rows is at %v", at)
	}
	holes := newVerdictCurve(Series{Y: []float64{4, 2, math.NaN(), 1, 0.5}}, []Certified{{0, far}, {2, far}, {4, far}})
	if len(holes.pieces) != 2 || len(holes.marks) != 2 || holes.uncertain || holes.drawn != 4 {
		t.Errorf("%d pieces, %d marks, %d points around a hole", len(holes.pieces), len(holes.marks), holes.drawn)
	}
}

// TestValueAt: at a point its value, between two the geometric mean's way,
// beside a hole nothing.
func TestValueAt(t *testing.T) {
	s := Series{X: []float64{0, 2, 4, 6}, Y: []float64{1, 100, math.NaN(), 5}}
	for _, c := range []struct {
		x, want float64
		ok      bool
	}{{0, 1, true}, {1, 10, true}, {2, 100, true}, {3, 0, false}, {5, 0, false}, {6, 5, true}, {7, 0, false}, {-1, 0, false}} {
		got, ok := valueAt(s, c.x)
		if ok != c.ok || ok && math.Abs(got-c.want) > 1e-12*c.want {
			t.Errorf("at %v: %v, %v", c.x, got, ok)
		}
	}
}

// TestDrawSymbols: symbols in a crowd are thinned, changes and the last are
// always drawn.
func TestDrawSymbols(t *testing.T) {
	far, near := markOf(made(landscape.LargeGradient, true, 0, 0, 1)), markOf(made(landscape.NearOptimum, true, 0, 0, 1))
	var at []vg.Point
	var symbols []verdictMark
	for k := range 100 {
		at = append(at, vg.Point{X: vg.Length(k) + 10, Y: 50})
		m := far
		if k >= 57 {
			m = near
		}
		symbols = append(symbols, m)
	}
	var seen recorder.Canvas
	drawSymbols(draw.NewCanvas(&seen, 200, 100), at, symbols)
	fills := 0
	for _, a := range seen.Actions {
		if _, ok := a.(*recorder.Fill); ok {
			fills++
		}
	}
	// 0, 13, 26, 39, 52; 57 changes; 70, 83, 96; 99 is the last.
	if fills != 10 {
		t.Errorf("%d symbols are drawn", fills)
	}
}

// TestVerdictStyles: every verdict has a name, a colour, a line and a symbol of
// its own; a number that is no verdict is undecided.
func TestVerdictStyles(t *testing.T) {
	seen := map[string]landscape.Verdict{}
	for _, v := range verdictOrder {
		s, ok := pointStyles[v]
		if !ok || s.name == "" {
			t.Fatalf("%v has no style", v)
		}
		r, g, b, _ := s.color.RGBA()
		var mark, line strings.Builder
		for _, q := range s.corners {
			mark.WriteString(formatNumber(float64(q[0]), 3) + "," + formatNumber(float64(q[1]), 3) + " ")
		}
		for _, d := range s.dashes {
			line.WriteString(formatNumber(float64(d), 3) + " ")
		}
		for _, key := range []string{"name " + s.name, "color " + formatNumber(float64(r), 9) + formatNumber(float64(g), 9) + formatNumber(float64(b), 9), "mark " + mark.String(), "line " + line.String()} {
			if other, there := seen[key]; there {
				t.Errorf("%v and %v share %q", v, other, key)
			}
			seen[key] = v
		}
	}
	if len(verdictOrder) != len(pointStyles) {
		t.Errorf("%d verdicts in order, %d styles", len(verdictOrder), len(pointStyles))
	}
	if s := styleOf(&landscape.Certificate{Verdict: 99}); s.name != pointStyles[landscape.Undecided].name {
		t.Errorf("a number that is no verdict is %q", s.name)
	}
	if s := styleOf(nil); s.name != uncertified.name {
		t.Errorf("no certificate is %q", s.name)
	}
}

// TestVerdictEntries: each verdict once, the hollow symbol explained where there
// is one, full samples preferred.
func TestVerdictEntries(t *testing.T) {
	names := func(certs ...*landscape.Certificate) string {
		var out []string
		for _, e := range verdictEntries(certs, false) {
			out = append(out, strings.Split(e.name, ":")[0])
		}
		return strings.Join(out, " | ")
	}
	near, guess, far := made(landscape.NearOptimum, true, 0, 0, 1), made(landscape.NearOptimum, false, 0, 0, 1), made(landscape.LargeGradient, true, 0, 0, 1)
	for _, c := range []struct{ got, want string }{
		{names(), ""},
		{names(near, far, near), "far | basin"},
		{names(guess, nil), "basin | not certified | hollow"},
		{names(nil), "not certified"},
	} {
		if c.got != c.want {
			t.Errorf("the legend is %q, want %q", c.got, c.want)
		}
	}
	for _, e := range verdictEntries([]*landscape.Certificate{guess, near}, false) {
		if s, ok := e.thumb.(verdictSample); ok && e.name == pointStyles[landscape.NearOptimum].name && s.hollow {
			t.Error("the sample of a verdict that is proven somewhere is hollow")
		}
	}
}

// TestVerdictMark: a symbol is closed, centred and of its radius; hollow ones
// are white inside.
func TestVerdictMark(t *testing.T) {
	for _, v := range verdictOrder {
		m := verdictMark{style: pointStyles[v]}
		var xy plotter.XYs
		for _, comp := range m.shape(vg.Point{X: 10, Y: 20}, 4) {
			if comp.Type != vg.CloseComp && comp.Type != vg.ArcComp {
				xy = append(xy, plotter.XY{X: float64(comp.Pos.X), Y: float64(comp.Pos.Y)})
			}
		}
		a, b, lo, hi := plotter.XYRange(xy)
		if a < 4 || b > 16 || lo < 14 || hi > 26 {
			t.Errorf("%v: from (%v, %v) to (%v, %v)", v, a, lo, b, hi)
		}
	}
	for _, hollow := range []bool{false, true} {
		var seen recorder.Canvas
		verdictMark{pointStyles[landscape.NearOptimum], hollow}.draw(draw.NewCanvas(&seen, 50, 50), vg.Point{X: 25, Y: 25}, 5)
		white := 0
		for i, a := range seen.Actions {
			if _, ok := a.(*recorder.Fill); ok {
				if set, ok := seen.Actions[i-1].(*recorder.SetColor); ok {
					if r, g, b, _ := set.Color.RGBA(); r == 0xffff && g == 0xffff && b == 0xffff {
						white++
					}
				}
			}
		}
		if (white == 1) != hollow {
			t.Errorf("hollow %v: filled white %d times", hollow, white)
		}
	}
}

// TestVerdictCard: the card of a certificate has the colour of its symbol.
func TestVerdictCard(t *testing.T) {
	for _, v := range verdictOrder {
		c := pointStyles[v].color
		want := fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
		if html := Render(made(v, true, -1, 0, 1)).MIME[HTMLMIME].(string); !strings.Contains(html, want) {
			t.Errorf("%v: the card has another colour than the symbol's %s", v, want)
		}
	}
}
