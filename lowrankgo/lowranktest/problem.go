package lowranktest

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// ProblemOptions say what [TestProblem] cannot know. Zero fields mean their
// defaults.
type ProblemOptions struct {
	// Naive computes the value at x by the definition, with plain loops. By
	// default that comparison is left out.
	Naive func(x *lr.Factors) float64

	// Scale is the size of the points' entries; default 1. A regulariser that
	// is flat up to some size, or a loss with a kink in its second derivative,
	// wants points where its terms are at work and smooth.
	Scale float64

	// NotAtZero leaves out the point 0, for an objective that is not smooth
	// there.
	NotAtZero bool

	// NoGauge leaves out the gauge rule, for an objective that is not
	// unchanged by (UG, VG) with orthogonal G.
	NoGauge bool

	// MajoriserInexact says that the problem's majoriser may lie below it away
	// from its point, as where the rule that projects onto the sparse matrices is
	// only nearly exact. It is then held to value and gradient at the point.
	MajoriserInexact bool

	// Unregularised is f(UVᵀ) alone, for a problem f(UVᵀ) + R(U, V) that has
	// MulGrad and has no method Unregularised() lowrankgo.Problem.
	Unregularised lr.Problem
}

// TestProblem tests an objective: its value, its derivatives, and the
// abilities that it claims. Points are random, with entries of size 1 and 0.1
// (see [ProblemOptions]), and zero. At most one set of options may be given.
//
// A problem with a regulariser R(U, V) beside f(UVᵀ) that has the MulGrad
// ability also has a method Unregularised() lowrankgo.Problem, by which the
// suite finds f, or it is given by the options. Without a regulariser the
// value is a function of UVᵀ alone, and is held to that.
func TestProblem(t *testing.T, p lr.Problem, options ...ProblemOptions) {
	t.Helper()
	if err := lr.CheckProblem(p); err != nil {
		t.Fatalf("CheckProblem: %v", err)
	}
	s := problemSuite{p: p, o: optional(t, options)}
	if s.o.Scale == 0 {
		s.o.Scale = 1
	}
	rules := []rule{
		{"value", "the value has the same bits with and without a gradient, and dst may hold anything before", s.value},
		{"gradient", "f(x + hd) − f(x) − h⟨∇f(x), d⟩ vanishes as h²", s.gradient},
		{"moving", "an evaluator remembers its last point; it must notice when the caller moves on, also in place", s.moving},
		{"inputs", "x and d are the caller's: they are only read", s.inputs},
		{"shapes", "wrong shapes are the programmer's error and panic, naming the package", s.shapes},
		{"threads", "results have the same bits for any GOMAXPROCS", s.threads},
		{"allocations", "after the first call nothing is allocated: the workspace is the evaluator's", s.allocations},
		{"concurrent", "the problem is shared; each goroutine has an evaluator of its own", s.concurrent},
		{"truth", "a truth has the shape of M and finite entries", s.truth},
	}
	if !s.o.NoGauge {
		rules = append(rules, rule{"gauge", "M = UVᵀ is unchanged by (UG, VG) with orthogonal G, so the value is too, and the gradient turns with G; without a regulariser any invertible G will do, with (UG, VG⁻ᵀ)", s.gauge})
	}
	if s.o.Naive != nil {
		rules = append(rules, rule{"definition", "the value is that of the definition", s.definition})
	}
	run(t, append(append(rules, s.claimed()...), s.seen()...))
}

// claimed are the rules of the abilities that p claims.
func (s problemSuite) claimed() []rule {
	var rules []rule
	if _, ok := lr.HessVecOf(s.p); ok {
		rules = append(rules,
			rule{"hessian", "∇f(x + hd) − ∇f(x) − h∇²f(x)[d] vanishes as h²", s.hessian},
			rule{"third order", "f(x + hd) − f(x) − h⟨∇f(x), d⟩ − ½h²⟨d, ∇²f(x)[d]⟩ vanishes as h³", s.thirdOrder},
			rule{"hessian symmetric", "⟨a, ∇²f(x)[b]⟩ = ⟨b, ∇²f(x)[a]⟩ and ∇²f(x) is linear", s.symmetric})
	}
	if _, ok := lr.MulGradOf(s.p); ok {
		rules = append(rules,
			rule{"matrix gradient", "∇f(M)·V is the gradient in U, ∇f(M)ᵀ·U that in V; a nil x is M = 0", s.mulGrad})
	}
	if _, ok := lr.BatchesOf(s.p); ok {
		rules = append(rules,
			rule{"batches", "the gradients of single terms are the gradient on average, and a batch is the mean over its terms, counting those that repeat", s.batches})
	}
	if _, ok := lr.LeastSquaresOf(s.p); ok {
		rules = append(rules,
			rule{"least squares", "(Weight/2)‖𝒜(M) − b‖² + (Ridge/2)(‖U‖² + ‖V‖²) is the objective, all of it", s.leastSquares})
	}
	if _, ok := lr.PartsOf(s.p); ok {
		rules = append(rules,
			rule{"parts", "the parts add up to the objective, each at its own rows of V", s.parts})
	}
	if _, ok := lr.SplitOf(s.p); ok {
		rules = append(rules,
			rule{"split", "data are finite or, where they are not observed, NaN, and the true sparse part lies where they are", s.split})
	}
	if _, ok := lr.SparsePartOf(s.p); ok {
		rules = append(rules,
			rule{"sparse part", "S is a d1×d2 matrix of finite numbers, in memory of its own, and in the set of the split; with it (Weight/2)‖M + S − Data‖² is the objective without its regularisers", s.sparsePart})
	}
	return rules
}

type problemSuite struct {
	p lr.Problem
	o ProblemOptions
}

// at is a random point of the suite's scale, or of a part of it.
func (s problemSuite) at(name string, scale float64) *lr.Factors {
	return point(s.p, name, scale*s.o.Scale)
}

// points are where derivatives are checked.
func (s problemSuite) points() map[string]*lr.Factors {
	at := map[string]*lr.Factors{
		"a point":                 s.at("x", 1),
		"a point of a tenth size": s.at("small", 0.1),
		"zero":                    lr.NewPoint(s.p),
	}
	if s.o.NotAtZero {
		delete(at, "zero")
	}
	return at
}

// gradAt evaluates on a new evaluator.
func (s problemSuite) gradAt(x *lr.Factors) (float64, *lr.Factors) {
	g := lr.NewPoint(s.p)
	v := s.p.NewEval().Grad(g, x)
	return v, g
}

func (s problemSuite) hessAt(x, d *lr.Factors) *lr.Factors {
	h, _ := lr.HessVecOf(s.p)
	out := lr.NewPoint(s.p)
	h.HessVec(out, x, d)
	return out
}

func nans(p lr.Problem) *lr.Factors {
	x := lr.NewPoint(p)
	fill(x.U, math.NaN())
	if x.V != nil {
		fill(x.V, math.NaN())
	}
	return x
}

// shifted is x + h·d.
func shifted(x *lr.Factors, h float64, d *lr.Factors) *lr.Factors {
	y := x.Clone()
	y.AddScaled(h, d)
	return y
}

func (s problemSuite) value(t *testing.T) {
	for where, x := range s.points() {
		want, g := s.gradAt(x)
		sameBits(t, "value without gradient at "+where, one(s.p.NewEval().Grad(nil, x)), one(want))
		dst := nans(s.p)
		s.p.NewEval().Grad(dst, x)
		sameBits(t, "gradient over NaN at "+where, numbers(dst), numbers(g))
	}
}

// moving compares one evaluator that is used in every order with new ones.
func (s problemSuite) moving(t *testing.T) {
	a, b := s.at("a", 1), s.at("b", 0.5)
	va, ga := s.gradAt(a)
	vb, gb := s.gradAt(b)
	e, dst := s.p.NewEval(), lr.NewPoint(s.p)
	expect := func(what string, x *lr.Factors, v float64, g *lr.Factors) {
		t.Helper()
		near(t, "value "+what, 1e-12, one(e.Grad(dst, x)), one(v))
		near(t, "gradient "+what, 1e-12, numbers(dst), numbers(g))
	}
	expect("at first", a, va, ga)
	expect("at the same point again", a, va, ga)
	expect("after a move", b, vb, gb)
	near(t, "value alone after a move", 1e-12, one(e.Grad(nil, a)), one(va))
	expect("after a value alone at another point", b, vb, gb)
	near(t, "value alone again", 1e-12, one(e.Grad(nil, b)), one(vb))
	x := b.Clone()
	x.CopyFrom(a)
	expect("at a copy", x, va, ga)
	x.CopyFrom(b)
	expect("after x was changed in place", x, vb, gb)
	if h, ok := lr.HessVecOf(s.p); ok {
		s.movingHessian(t, h, a, b)
	}
}

func (s problemSuite) movingHessian(t *testing.T, h lr.HessVec, a, b *lr.Factors) {
	d, dst := point(s.p, "d", 1), nans(s.p)
	ha, hb := numbers(s.hessAt(a, d)), numbers(s.hessAt(b, d))
	expect := func(what string, x *lr.Factors, want []float64) {
		t.Helper()
		h.HessVec(dst, x, d)
		near(t, "Hessian product "+what, 1e-12, numbers(dst), want)
	}
	expect("before any gradient, over NaN", a, ha)
	expect("at another point", b, hb)
	h.Grad(nil, a)
	expect("after a value at another point", b, hb)
	h.Grad(dst, a)
	expect("after a gradient at that point", a, ha)
	x := a.Clone()
	expect("at a copy", x, ha)
	x.CopyFrom(b)
	expect("after x was changed in place", x, hb)
	v, g := s.gradAt(b)
	near(t, "value after a Hessian product", 1e-12, one(h.Grad(dst, b)), one(v))
	near(t, "gradient after a Hessian product", 1e-12, numbers(dst), numbers(g))
}

// results makes every call on a new evaluator.
func (s problemSuite) results(x, d *lr.Factors) []float64 {
	v, g := s.gradAt(x)
	out := append(numbers(g), v)
	if _, ok := lr.HessVecOf(s.p); ok {
		out = append(out, numbers(s.hessAt(x, d))...)
	}
	if m, ok := lr.MulGradOf(s.p); ok {
		dst := mat.DenseCopyOf(x.U)
		m.MulGrad(dst, false, x, d.Right())
		out = flat(out, dst)
	}
	if b, ok := lr.BatchesOf(s.p); ok {
		dst := nans(s.p)
		b.GradBatch(dst, x, []int{b.Terms() - 1, 0, b.Terms() / 2, 0})
		out = append(out, numbers(dst)...)
	}
	return out
}

func (s problemSuite) inputs(t *testing.T) {
	x, d := s.at("x", 1), point(s.p, "d", 1)
	keepX, keepD := x.Clone(), d.Clone()
	s.results(x, d)
	sameBits(t, "x after all calls", numbers(x), numbers(keepX))
	sameBits(t, "d after all calls", numbers(d), numbers(keepD))
}

func (s problemSuite) shapes(t *testing.T) {
	d1, d2, r := s.p.Dims()
	x, e := s.at("x", 1), s.p.NewEval()
	wrong := map[string]*lr.Factors{
		"one row more":    lr.NewFactors(d1+1, d2, r),
		"one column more": lr.NewFactors(d1, d2, r+1),
		"another V":       {U: mat.NewDense(d1, r, nil), V: mat.NewDense(d2, r+1, nil)},
		"no V":            lr.NewSymmetric(d1, r),
	}
	if lr.SymmetricOf(s.p) {
		delete(wrong, "no V")
		wrong["a V"] = lr.NewFactors(d1, d2, r)
	}
	for what, w := range wrong {
		mustPanic(t, "Grad at a point with "+what, func() { e.Grad(nil, w) })
		mustPanic(t, "Grad into "+what, func() { e.Grad(w, x) })
		if h, ok := lr.HessVecOf(s.p); ok {
			mustPanic(t, "HessVec at a point with "+what, func() { h.HessVec(lr.NewPoint(s.p), w, x) })
			mustPanic(t, "HessVec along "+what, func() { h.HessVec(lr.NewPoint(s.p), x, w) })
			mustPanic(t, "HessVec into "+what, func() { h.HessVec(w, x, x) })
		}
		if b, ok := lr.BatchesOf(s.p); ok {
			mustPanic(t, "GradBatch at a point with "+what, func() { b.GradBatch(lr.NewPoint(s.p), w, []int{0}) })
			mustPanic(t, "GradBatch into "+what, func() { b.GradBatch(w, x, []int{0}) })
		}
	}
	want, _ := s.gradAt(x)
	near(t, "value after the panics", 1e-12, one(e.Grad(nil, x)), one(want))
}

func (s problemSuite) threads(t *testing.T) {
	x, d := s.at("x", 1), point(s.p, "d", 1)
	want := s.results(x, d)
	for _, n := range threadCounts {
		withThreads(n, func() { sameBits(t, "all calls", s.results(x, d), want) })
	}
}

func (s problemSuite) allocations(t *testing.T) {
	x, y, d, dst := s.at("x", 1), s.at("y", 1), point(s.p, "d", 1), lr.NewPoint(s.p)
	e := s.p.NewEval()
	if n := allocations(20, func() { e.Grad(nil, x); e.Grad(dst, x); e.Grad(dst, y) }); n > 0 {
		t.Errorf("%d allocations in three calls of Grad, want none", n)
	}
	if h, ok := lr.HessVecOf(s.p); ok {
		if n := allocations(20, func() { h.HessVec(dst, x, d); h.HessVec(dst, y, d) }); n > 0 {
			t.Errorf("%d allocations in two calls of HessVec, want none", n)
		}
	}
	if m, ok := lr.MulGradOf(s.p); ok {
		if n := allocations(20, func() { m.MulGrad(dst.U, false, x, d.Right()); m.MulGrad(dst.U, false, y, d.Right()) }); n > 0 {
			t.Errorf("%d allocations in two calls of MulGrad, want none", n)
		}
	}
	if b, ok := lr.BatchesOf(s.p); ok {
		terms := []int{0, b.Terms() - 1, 0}
		if n := allocations(20, func() { b.GradBatch(dst, x, terms); b.GradBatch(dst, y, terms) }); n > 0 {
			t.Errorf("%d allocations in two calls of GradBatch, want none", n)
		}
	}
}

func (s problemSuite) concurrent(t *testing.T) {
	x, d := s.at("x", 1), point(s.p, "d", 1)
	want := s.results(x, d)
	for _, got := range together(func() []float64 { return s.results(x, d) }) {
		sameBits(t, "one of four goroutines", got, want)
	}
}

func (s problemSuite) truth(t *testing.T) {
	x, ok := lr.TruthOf(s.p)
	if !ok {
		return
	}
	d1, d2, _ := s.p.Dims()
	if t1, t2 := x.Dims(); t1 != d1 || t2 != d2 || !x.Finite() {
		t.Errorf("the truth is %d×%d, finite %t; want %d×%d and finite", t1, t2, x.Finite(), d1, d2)
	}
}
