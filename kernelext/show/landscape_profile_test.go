package show

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

func TestProfileErrors(t *testing.T) {
	p, saddle, end := valley(t)
	boom := uneven()
	boom.GradFunc = func(dst, x *lr.Factors) float64 { panic("boom") }
	hole := uneven()
	hole.GradFunc = func(dst, x *lr.Factors) float64 { return math.Inf(1) }
	for _, c := range []struct {
		says string
		l    Profile
	}{
		{"the Profile: lowrankgo: there is no problem", Profile{}},
		{"the Profile has no Center", Profile{Problem: p, Along: end}},
		{"neither To nor Along", Profile{Problem: p, Center: saddle}},
		{"the Profile has both To and Along", Profile{Problem: p, Center: saddle, To: end, Along: end}},
		{"Along of the Profile: lowrankgo: the point has U 4×2", Profile{Problem: p, Center: saddle, Along: lr.NewSymmetric(4, 2)}},
		{"the Profile has N = 1000; 8 to 400", Profile{Problem: p, Center: saddle, Along: end, N: 1000}},
		{"the Profile has X0, X1 = 3, 2", Profile{Problem: p, Center: saddle, Along: end, X0: 3, X1: 2}},
		{"the Profile: the first direction is 0 (Along)", Profile{Problem: p, Center: saddle, Along: lr.NewSymmetric(5, 2)}},
		{"the problem of the Profile panicked: boom", Profile{Problem: boom, Center: saddle, Along: end}},
		{"the Profile: no value on the line is finite", Profile{Problem: hole, Center: saddle, Along: end}},
	} {
		err := c.l.Figure().Err()
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v does not say %q", err, c.says)
		}
		if d := Render(c.l); d.MIME[HTMLMIME] == nil {
			t.Errorf("%s: the error does not show", c.says)
		}
	}
}

// profileOf computes a profile.
func profileOf(t *testing.T, l Profile) *profile {
	t.Helper()
	if l.N == 0 {
		l.N = 41
	}
	w := &profile{Profile: l}
	if err := w.compute(); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestProfileClosedForm: along e1 from the saddle, UUᵀ − A has the entry t² − 4
// alone that changes, beside t times the second column, so that
// g = g0 − 3t² + t⁴/2.
func TestProfileClosedForm(t *testing.T) {
	p, saddle, _ := valley(t)
	along := lr.NewSymmetric(5, 2)
	along.U.Set(0, 1, 3) // its length does not matter
	w := profileOf(t, Profile{Problem: p, Center: saddle, Along: along, X0: -3, X1: 3})
	g0 := w.value[20]
	for k, s := range w.t {
		want := g0 - 3*s*s + s*s*s*s/2
		if math.Abs(w.value[k]-want) > 1e-12*(1+math.Abs(want)) {
			t.Errorf("g(%v) = %v, want %v", s, w.value[k], want)
		}
	}
	if math.Abs(w.curvature+6) > 1e-12 || math.Abs(w.slope) > 1e-12 || math.Abs(w.level-g0) > 1e-12 {
		t.Errorf("the model is %v, %v, %v", w.level, w.slope, w.curvature)
	}
	if text := w.figure().String(); !strings.Contains(text, "slope 0, curvature -6; lowest on the line") || strings.Contains(text, "difference") {
		t.Errorf("the text does not give the model:\n%s", text)
	}
}

// TestProfileModel: the model is the Taylor polynomial in the axis' unit, also
// where it comes from gradients alone.
func TestProfileModel(t *testing.T) {
	p := must[*problem.Quadratic](t)(problem.RandomCompletion{D1: 9, D2: 8, Rank: 2, P: 0.7, Seed: 3}.New())
	rng := lr.Stream(4, "model")
	x := &lr.Factors{U: lr.NormalMatrix(rng, 9, 2), V: lr.NormalMatrix(rng, 8, 2)}
	y := &lr.Factors{U: lr.NormalMatrix(rng, 9, 2), V: lr.NormalMatrix(rng, 8, 2)}
	gradients := lr.Funcs{Name: "gradients alone", D1: 9, D2: 8, Rank: 2, GradFunc: func(dst, x *lr.Factors) float64 { return p.NewEval().Grad(dst, x) }}
	exact := profileOf(t, Profile{Problem: p, Center: x, To: y})
	for name, w := range map[string]*profile{"Hessian": exact, "gradients": profileOf(t, Profile{Problem: gradients, Center: x, To: y})} {
		if w.differences != (name == "gradients") {
			t.Errorf("%s: differences %v", name, w.differences)
		}
		if math.Abs(w.curvature-exact.curvature) > 1e-6*math.Abs(exact.curvature) || w.slope != exact.slope {
			t.Errorf("%s: slope %v, curvature %v; want %v, %v", name, w.slope, w.curvature, exact.slope, exact.curvature)
		}
		// The error of the model falls as t³.
		value := func(s float64) float64 {
			z := x.Clone()
			w.s.plane.point(z, s, 0)
			return w.Problem.NewEval().Grad(nil, z)
		}
		fault := func(s float64) float64 { return math.Abs(value(s) - (w.level + w.slope*s + w.curvature*s*s/2)) }
		if slope := math.Log10(fault(1e-2) / fault(1e-3)); math.Abs(slope-3) > 0.1 {
			t.Errorf("%s: the model's error falls as t to the %v", name, slope)
		}
	}
	if text := (Profile{Problem: gradients, Center: x, To: y}).String(); !strings.Contains(text, "(by a difference of gradients)") {
		t.Errorf("the text does not say that gradients were used:\n%s", text)
	}
}

// TestProfileMajoriser: robust PCA's majoriser touches g at Center and is
// nowhere below it.
func TestProfileMajoriser(t *testing.T) {
	data := lr.NormalMatrix(lr.Stream(1, "data"), 6, 6)
	data.Set(2, 3, 20)
	p := must[*problem.Split](t)(problem.RobustPCA{Data: data, Rank: 2, Alpha: 0.2}.New())
	rng := lr.Stream(9, "majoriser")
	x := &lr.Factors{U: lr.NormalMatrix(rng, 6, 2), V: lr.NormalMatrix(rng, 6, 2)}
	along := &lr.Factors{U: lr.NormalMatrix(rng, 6, 2), V: lr.NormalMatrix(rng, 6, 2)}
	w := profileOf(t, Profile{Problem: p, Center: x, Along: along, X0: -2, X1: 2})
	apart := 0.0
	for k := range w.t {
		if w.above[k] < w.value[k]-1e-10*(1+w.value[k]) {
			t.Errorf("at %v the majoriser is %v, below %v", w.t[k], w.above[k], w.value[k])
		}
		apart = math.Max(apart, w.above[k]-w.value[k])
	}
	if math.Abs(w.above[20]-w.value[20]) > 1e-10*(1+w.value[20]) || apart < 1e-3 {
		t.Errorf("the majoriser is %v and g %v at Center; they come at most %v apart", w.above[20], w.value[20], apart)
	}
	f := w.figure()
	if !strings.Contains(f.SVG(), ">majoriser<") || !strings.Contains(f.String(), "with the majoriser at 0") {
		t.Error("the majoriser is not named")
	}
}

// TestProfileHeights: the axis shows g and the points; the model may leave it,
// holes and a flat line may not break it.
func TestProfileHeights(t *testing.T) {
	flat := lr.Funcs{Name: "flat", D1: 3, Rank: 1, Sym: true, GradFunc: func(dst, x *lr.Factors) float64 {
		if dst != nil {
			dst.Scale(0)
		}
		return 7
	}}
	holes := flat
	holes.GradFunc = func(dst, x *lr.Factors) float64 {
		if dst != nil {
			dst.Scale(0)
		}
		return math.Log(1 + x.U.At(0, 0))
	}
	center, along := lr.NewSymmetric(3, 1), lr.NewSymmetric(3, 1)
	along.U.Set(0, 0, 1)
	for _, p := range []lr.Problem{flat, holes} {
		l := Profile{Problem: p, Center: center, Along: along, X0: -2, X1: 2, Points: []LandscapePoint{{"here", center, nil}}}
		w := profileOf(t, l)
		lo, hi := w.heights()
		if !(lo < hi) || lo > w.value[20] || hi < w.value[20] {
			t.Errorf("%v: the axis runs from %v to %v", p, lo, hi)
		}
		if d := Render(l); d.MIME[SVGMIME] == nil {
			t.Errorf("%v: %v", p, d.MIME[TextMIME])
		}
	}
}

// TestProfileThrough: between two points the step counts their distance.
func TestProfileThrough(t *testing.T) {
	p := must[*problem.CounterexampleProblem](t)(problem.Counterexample{Epsilon: 0.3}.New())
	truth, _ := lr.TruthOf(p)
	spurious := &lr.Factors{U: mat.NewDense(2, 1, []float64{0, math.Sqrt(0.5)})}
	l := Profile{Problem: p, Center: spurious, To: truth, Points: []LandscapePoint{
		{"spurious", spurious, certify(t, p, spurious)}, {"truth", truth, certify(t, p, truth)},
	}}
	text := l.String()
	for _, want := range []string{
		"x: spurious (0) to truth (1), distance 1.22; y: g", "at 0: g = 1.5, slope ",
		"spurious at 0, in the line; g = 1.5; second-order point, estimated",
		"truth at 1, in the line; g = 0; basin: near the optimum, proven",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
}
