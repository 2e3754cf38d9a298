package show

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
	"pgregory.net/rapid"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

func TestSpectrumErrors(t *testing.T) {
	p, saddle, end := valley(t)
	large := must[*problem.Quadratic](t)(problem.RandomCompletion{D1: 600, D2: 500, Rank: 2, P: 0.05, Seed: 1}.New())
	boom := uneven()
	boom.HessFunc = func(dst, x, d *lr.Factors) { panic("boom") }
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		says  string
		wraps error
		s     Spectrum
		ctx   context.Context
	}{
		{"there is no problem", lr.ErrEmpty, Spectrum{Points: []LandscapePoint{{X: end}}}, nil},
		{"the Spectrum needs a point", nil, Spectrum{Problem: p}, nil},
		{"9 points; at most 8", nil, Spectrum{Problem: p, Points: make([]LandscapePoint, 9)}, nil},
		{`point 2 of 2 of the Spectrum, "b": lowrankgo: the point has no U`, lr.ErrShape, Spectrum{Problem: p, Points: []LandscapePoint{{"a", saddle, nil}, {Name: "b"}}}, nil},
		{"has 2200 variables; at most 2000", lr.ErrValue, Spectrum{Problem: large, Points: []LandscapePoint{{X: lr.NewPoint(large)}}}, nil},
		{"uneven has no Hessian-vector products", lr.ErrAbility, Spectrum{Problem: uneven(), Points: []LandscapePoint{{X: end}}}, nil},
		{"majoriser at a point", lr.ErrAbility, Spectrum{Problem: p, Majoriser: true, Points: []LandscapePoint{{X: end}}}, nil},
		{"panics while its Hessian is formed: boom", lr.ErrFailed, Spectrum{Problem: boom, Points: []LandscapePoint{{X: end}}}, nil},
		{"context canceled", context.Canceled, Spectrum{Problem: p, Points: []LandscapePoint{{X: end}}}, ended},
	} {
		var old Host
		if c.ctx != nil {
			old = SetHost(&recordingHost{ctx: c.ctx})
		}
		err := c.s.Figure().Err()
		if c.ctx != nil {
			SetHost(old)
		}
		if err == nil || !strings.Contains(err.Error(), c.says) || c.wraps != nil && !errors.Is(err, c.wraps) {
			t.Errorf("%v does not say %q", err, c.says)
		}
	}
	if d := Render(Spectrum{Problem: p}); d.MIME[HTMLMIME] == nil || d.MIME[SVGMIME] != nil {
		t.Error("the error does not show")
	}
}

// TestSpectrumText: how many eigenvalues of each kind there are, and what the
// certificates found.
func TestSpectrumText(t *testing.T) {
	p, saddle, end := valley(t)
	s := Spectrum{Problem: p, Points: []LandscapePoint{{"saddle", saddle, certify(t, p, saddle)}, {"end", end, nil}}}
	got := s.String()
	for _, want := range []string{
		"Spectrum of the Hessian\n  x: eigenvalue of the Hessian\n", "axis linear between ±",
		"saddle: 10 eigenvalues, 2 negative, 1 zero to rounding (1 along the gauge); smallest -6, largest 8; certificate: smallest eigenvalue found -6 ± ",
		"saddle region: negative curvature", "end: 10 eigenvalues, 0 negative, 1 zero to rounding; smallest ", "largest 16",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	svg := s.Figure().SVG()
	for _, want := range []string{">negative<", ">positive<", ">0 to rounding, how many<", ">certificate ± residual<", ">saddle<", ">end<"} {
		if strings.Count(svg, want) != 1 {
			t.Errorf("%s is there %d times", want, strings.Count(svg, want))
		}
	}
	if n := strings.Count(svg, ">1×<"); n != 2 {
		t.Errorf("the zeros are counted %d times, want twice", n)
	}
}

// TestSpectrumMajoriser: robust PCA's own Hessian and that of its majoriser.
func TestSpectrumMajoriser(t *testing.T) {
	p := must[*problem.Split](t)(problem.RandomRobustPCA{D1: 8, D2: 8, Rank: 1, Alpha: 0.2, Seed: 1}.New())
	rng := lr.Stream(3, "point")
	x := &lr.Factors{U: lr.NormalMatrix(rng, 8, 1), V: lr.NormalMatrix(rng, 8, 1)}
	g, err := lr.MajoriserOf(p, x)
	if err != nil {
		t.Fatal(err)
	}
	want, err := landscape.HessianEigenvalues(context.Background(), g, x)
	if err != nil {
		t.Fatal(err)
	}
	s := Spectrum{Problem: p, Majoriser: true, Points: []LandscapePoint{{"x", x, nil}}}
	row, err := s.row(s.Points[0])
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range row.values {
		if math.Abs(v-want[i]) > 1e-12*(1+row.largest) {
			t.Errorf("eigenvalue %d is %v, want %v", i, v, want[i])
		}
	}
	if text := s.String(); !strings.Contains(text, "eigenvalue of the majoriser’s Hessian") {
		t.Errorf("the text does not speak of the majoriser:\n%s", text)
	}
}

// TestSpectrumOdd: a Hessian that is 0, one without a negative eigenvalue,
// certificates that know nothing, and huge numbers.
func TestSpectrumOdd(t *testing.T) {
	with := func(c float64) lr.Problem {
		return lr.Funcs{Name: "cI", D1: 4, D2: 3, Rank: 1, GradFunc: func(dst, x *lr.Factors) float64 { return 0 },
			HessFunc: func(dst, x, d *lr.Factors) { dst.CopyFrom(d); dst.Scale(c) }}
	}
	nothing := made(landscape.Undecided, false, math.NaN(), math.Inf(1), math.NaN())
	for _, c := range []float64{0, 1, -1, 1e200, -1e-200} {
		f := Spectrum{Problem: with(c), Points: []LandscapePoint{{"", lr.NewFactors(4, 3, 1), nothing}, {"wide", lr.NewFactors(4, 3, 1), made(landscape.SecondOrder, false, c, math.Inf(1), 1)}}}.Figure()
		if d := Render(f); d.MIME[SVGMIME] == nil || strings.Contains(d.MIME[SVGMIME].(string), "NaN") {
			t.Errorf("%v: %v", c, d.MIME[TextMIME])
		}
	}
}

// TestSpectrumDrawn: negative eigenvalues are left of 0 and below their row's
// line, positive ones to the right and above, each once.
func TestSpectrumDrawn(t *testing.T) {
	r := &spectrumRow{values: []float64{-4, -0.5, 0, 0.2, 3, 70}, largest: 70, zeros: 1, negative: 2}
	p := Spectrum{}.draw([]*spectrumRow{r}).Plots[0]
	var seen recorder.Canvas
	c := draw.NewCanvas(&seen, 400, 100)
	(&spectrumView{[]*spectrumRow{r}, p.X.Scale.(symlog)}).Plot(c, p)
	x, y := p.Transforms(&c)
	counts := map[string]int{}
	colour := ""
	for _, a := range seen.Actions {
		switch a := a.(type) {
		case *recorder.SetColor:
			colour = ""
			if a.Color == negativeColor {
				colour = "negative"
			} else if a.Color == positiveColor {
				colour = "positive"
			}
		case *recorder.Stroke:
			if colour == "" {
				continue
			}
			counts[colour]++
			for _, q := range a.Path {
				if low := q.Pos.Y < y(0)-1e-6; (colour == "negative") != (q.Pos.X < x(0)) || colour == "positive" && low {
					t.Errorf("a %s eigenvalue is drawn through %v, 0 is at %v", colour, q.Pos, x(0))
				}
			}
		}
	}
	if counts["negative"] != 2 || counts["positive"] != 3 {
		t.Errorf("drawn: %v", counts)
	}
}

// TestSymlog: the place on the axis grows, is odd, comes back, and is the
// logarithm beyond the linear part.
func TestSymlog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := symlog{math.Pow(10, float64(rapid.IntRange(-12, 6).Draw(t, "linear")))}
		number := rapid.Custom(func(t *rapid.T) float64 {
			return math.Copysign(math.Pow(10, rapid.Float64Range(-15, 9).Draw(t, "exponent")), rapid.Float64Range(-1, 1).Draw(t, "sign"))
		})
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		if a < b && s.at(a) > s.at(b) {
			t.Fatalf("%v is at %v, %v at %v", a, s.at(a), b, s.at(b))
		}
		if s.at(-a) != -s.at(a) {
			t.Fatalf("%v and its negative are at %v and %v", a, s.at(a), s.at(-a))
		}
		if back := s.value(s.at(a)); math.Abs(back-a) > 1e-12*math.Abs(a) {
			t.Fatalf("%v comes back as %v", a, back)
		}
		if math.Abs(a) > s.linear && math.Abs(math.Abs(s.at(10*a))-math.Abs(s.at(a))-1) > 1e-9 {
			t.Fatalf("ten times %v is %v further", a, s.at(10*a)-s.at(a))
		}
		if a < b {
			if lo, mid, hi := s.Normalize(a, b, a), s.Normalize(a, b, a+(b-a)/2), s.Normalize(a, b, b); lo != 0 || hi != 1 || mid < 0 || mid > 1 {
				t.Fatalf("normalised to %v, %v, %v", lo, mid, hi)
			}
		}
	})
	if (symlog{1}).Normalize(2, 2, 2) != 0.5 {
		t.Error("an axis without length is not in the middle")
	}
}

// TestSymlogTicks: 0 and powers of ten on both sides within the axis, not too
// many with labels.
func TestSymlogTicks(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   string // labels, ascending
	}{
		{[]float64{-3, 0.02, 40}, "−10⁰ −10⁻¹ −10⁻² 0 10⁻² 10⁻¹ 10⁰ 10¹"},
		{[]float64{0.5, 2}, "0 10⁻¹ 10⁰"},
		{[]float64{-1e-9, 1}, "−10⁻⁵ 0 10⁻⁵ 10⁻⁴ 10⁻³ 10⁻² 10⁻¹ 10⁰"},
		{[]float64{0}, "0 10⁰"},
	} {
		s := newSymlog(c.values, 0, 5)
		lo, hi := 0.0, 0.0
		for _, v := range c.values {
			lo, hi = math.Min(lo, v), math.Max(hi, v)
		}
		if hi == 0 {
			hi = 1
		}
		if lo < 0 && -lo < s.linear {
			lo = -s.linear
		}
		labels := map[float64]string{}
		var places []float64
		for _, tick := range s.Ticks(lo, hi) {
			if tick.Value < lo-1e-12 || tick.Value > hi+1e-12 {
				t.Errorf("%v: a tick at %v", c.values, tick.Value)
			}
			if tick.Label != "" {
				labels[tick.Value] = tick.Label
				places = append(places, tick.Value)
			}
		}
		got := ""
		for len(places) > 0 {
			least := 0
			for i := range places {
				if places[i] < places[least] {
					least = i
				}
			}
			got += " " + labels[places[least]]
			places = append(places[:least], places[least+1:]...)
		}
		if got = strings.TrimSpace(got); got != c.want {
			t.Errorf("%v: labels %q, want %q", c.values, got, c.want)
		}
	}
	wide := symlog{1e-20}
	labelled := 0
	for _, tick := range wide.Ticks(-1e20, 1e20) {
		if tick.Label != "" {
			labelled++
		}
	}
	if labelled < 3 || labelled > 15 {
		t.Errorf("%d labels over 80 powers of ten", labelled)
	}
}

// TestSymlogEnds: the axis has room beyond its values, and 0 inside.
func TestSymlogEnds(t *testing.T) {
	s := symlog{0.01}
	for _, c := range [][2]float64{{-5, 3}, {1, 2}, {-2, -1}, {0, 0}} {
		lo, hi := s.ends(c[0], c[1], 0.05)
		if !(lo < math.Min(c[0], 0)) || !(hi > math.Max(c[1], 0)) {
			t.Errorf("%v: from %v to %v", c, lo, hi)
		}
	}
}

// TestUnmeasured: the label of the axis is in the middle and costs no room at the
// sides.
func TestUnmeasured(t *testing.T) {
	_, _, s, _ := escape(t)
	f := s.Figure()
	l := newLayout(f, oneNote)
	data := l.plots[0].DataCanvas(l.align(draw.NewCanvas(nil, l.w, l.h))[0][0])
	if right := oneNote - margin - data.Max.X; right > 20 {
		t.Errorf("%v are left free at the right", right)
	}
	if w, h, _ := (unmeasured{textStyle(labelSize).Handler.(scripts)}).Box("eigenvalue", textStyle(labelSize).Font); w != 0 || h <= 0 {
		t.Errorf("the label takes %v×%v", w, h)
	}
}
