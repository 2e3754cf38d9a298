package lowranktest

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// TestOperator tests a measurement map. The function naive computes 𝒜(M) of a
// d1×d2 matrix by the definition, with plain loops; when it is nil that
// comparison is left out. What a map can do beyond the interface (DenseEval,
// TermsEval, Pattern) is found and tested too.
func TestOperator(t *testing.T, op lr.Operator, naive func(m mat.Matrix) []float64) {
	t.Helper()
	if err := lr.CheckOperator(op); err != nil {
		t.Fatalf("CheckOperator: %v", err)
	}
	s := operatorSuite{op: op, naive: naive}
	rules := []rule{
		{"definition", "Apply is 𝒜(XYᵀ) − b as the definition says; a nil b is 0", s.definition},
		{"linear", "𝒜 and 𝒜* are linear: the sum of two products is one product of more columns", s.linear},
		{"adjoint", "⟨𝒜(XYᵀ), w⟩ = ⟨X, 𝒜*(w)Y⟩ = ⟨Y, 𝒜*(w)ᵀX⟩: gradients are made of the adjoint", s.adjoint},
		{"one pass", "ApplyAdjoint is Apply, to the bit, and then Adjoint of the residual: a value is the same with and without a gradient", s.onePass},
		{"accumulate", "Mul sets c·dst + G·z, and a c of 0 ignores dst, also when it holds NaN", s.accumulate},
		{"dense", "ApplyDense and AdjointDense do on d1×d2 matrices what the others do on factors", s.dense},
		{"views", "matrices may be parts of larger ones, so rows need not be adjacent", s.views},
		{"inputs", "arguments other than dst belong to the caller and are only read", s.inputs},
		{"shapes", "wrong shapes are the programmer's error and panic, naming the package", s.shapes},
		{"threads", "results have the same bits for any GOMAXPROCS", s.threads},
		{"allocations", "after the first call nothing is allocated: the workspace is the evaluator's", s.allocations},
		{"concurrent", "the operator is shared; each goroutine has an evaluator of its own", s.concurrent},
	}
	if _, ok := lr.TermsEvalOf(op); ok {
		rules = append(rules, rule{"terms", "AddTerms adds what its measurements alone would; all of them once are the whole adjoint", s.terms})
	}
	if _, ok := lr.PatternOf(op); ok {
		rules = append(rules, rule{"pattern", "the pattern lists the same entries by rows and by columns, and they are what is measured", s.pattern})
	}
	run(t, rules)
}

type operatorSuite struct {
	op    lr.Operator
	naive func(m mat.Matrix) []float64
}

// thins are column counts worth trying: below, at and above the unrolling of
// the inner loops.
var thins = []int{1, 2, 4, 5, 9}

// thin draws factors with k columns.
func (s operatorSuite) thin(name string, k int) (x, y *mat.Dense) {
	d1, d2, _ := s.op.Dims()
	return normal(name+" x", d1, k), normal(name+" y", d2, k)
}

func (s operatorSuite) vector(name string) []float64 {
	_, _, m := s.op.Dims()
	return flat(nil, normal(name, 1, m))
}

func (s operatorSuite) apply(x, y *mat.Dense, b []float64) []float64 {
	_, _, m := s.op.Dims()
	dst := make([]float64, m)
	s.op.NewEval().Apply(dst, x, y, b)
	return dst
}

// mul is G·z or Gᵀ·z.
func (s operatorSuite) mul(e lr.OperatorEval, trans bool, z *mat.Dense) *mat.Dense {
	d1, d2, _ := s.op.Dims()
	if trans {
		d1 = d2
	}
	_, k := z.Dims()
	dst := mat.NewDense(d1, k, nil)
	e.Mul(dst, 0, trans, z)
	return dst
}

func (s operatorSuite) definition(t *testing.T) {
	for _, k := range thins {
		x, y := s.thin("definition", k)
		got := s.apply(x, y, nil)
		if s.naive != nil {
			var m mat.Dense
			m.Mul(x, y.T())
			near(t, "Apply", 1e-12, got, s.naive(&m))
		}
		b := s.vector("b")
		less := s.apply(x, y, b)
		for i := range less {
			less[i] += b[i]
		}
		near(t, "Apply with b, plus b", 1e-12, less, got)
	}
}

func (s operatorSuite) linear(t *testing.T) {
	x1, y1 := s.thin("linear 1", 2)
	x2, y2 := s.thin("linear 2", 3)
	sum := s.apply(x1, y1, nil)
	for i, v := range s.apply(x2, y2, nil) {
		sum[i] += v
	}
	var x, y mat.Dense
	x.Augment(x1, x2)
	y.Augment(y1, y2)
	near(t, "𝒜([X1, X2][Y1, Y2]ᵀ)", 1e-12, s.apply(&x, &y, nil), sum)

	e, w1, w2 := s.op.NewEval(), s.vector("w1"), s.vector("w2")
	e.Adjoint(w1)
	want := s.mul(e, false, y1)
	e.Adjoint(w2)
	second := s.mul(e, false, y1)
	second.Scale(-3, second)
	want.Add(want, second)
	for i := range w1 {
		w1[i] -= 3 * w2[i]
	}
	e.Adjoint(w1)
	near(t, "𝒜*(w1 − 3·w2)Y", 1e-12, flat(nil, s.mul(e, false, y1)), flat(nil, want))
}

func (s operatorSuite) adjoint(t *testing.T) {
	for _, k := range thins {
		x, y := s.thin("adjoint", k)
		w, e := s.vector("w"), s.op.NewEval()
		ax := s.apply(x, y, nil)
		e.Adjoint(w)
		gy, gx := flat(nil, s.mul(e, false, y)), flat(nil, s.mul(e, true, x))
		want, scale := inner(ax, w), norm(ax)*norm(w)
		left, right := inner(flat(nil, x), gy), inner(flat(nil, y), gx)
		if off := math.Max(math.Abs(left-want), math.Abs(right-want)); !(off <= 1e-12*scale) {
			t.Errorf("k = %d: ⟨𝒜(XYᵀ), w⟩ = %.17g, ⟨X, GY⟩ = %.17g, ⟨Y, GᵀX⟩ = %.17g; want equal to 1e-12 of %.3g", k, want, left, right, scale)
		}
	}
}

func (s operatorSuite) onePass(t *testing.T) {
	x, y := s.thin("one pass", 3)
	b, res := s.vector("b"), s.vector("dst")
	e := s.op.NewEval()
	e.ApplyAdjoint(res, x, y, b)
	want := s.apply(x, y, b)
	sameBits(t, "the residual of ApplyAdjoint", res, want)
	two := s.op.NewEval()
	two.Adjoint(want)
	for _, trans := range []bool{false, true} {
		z := map[bool]*mat.Dense{false: y, true: x}[trans]
		near(t, "G·z after ApplyAdjoint", 1e-12, flat(nil, s.mul(e, trans, z)), flat(nil, s.mul(two, trans, z)))
	}
}

func (s operatorSuite) accumulate(t *testing.T) {
	x, y := s.thin("accumulate", 3)
	e := s.op.NewEval()
	e.Adjoint(s.vector("w"))
	for trans, z := range map[bool]*mat.Dense{false: y, true: x} {
		product := s.mul(e, trans, z)
		r, k := product.Dims()
		dst := mat.NewDense(r, k, nil)
		fill(dst, math.NaN())
		e.Mul(dst, 0, trans, z)
		near(t, "c = 0 over NaN", 1e-12, flat(nil, dst), flat(nil, product))
		for _, c := range []float64{1, -0.5} {
			dst.Copy(normal("held", r, k))
			var want mat.Dense
			want.Scale(c, dst)
			want.Add(&want, product)
			e.Mul(dst, c, trans, z)
			near(t, "c·dst + G·z", 1e-12, flat(nil, dst), flat(nil, &want))
		}
	}
}

func (s operatorSuite) views(t *testing.T) {
	x, y := s.thin("views", 3)
	sameBits(t, "Apply of views", s.apply(inside(x), inside(y), nil), s.apply(x, y, nil))
	e := s.op.NewEval()
	e.Adjoint(s.vector("w"))
	for trans, z := range map[bool]*mat.Dense{false: y, true: x} {
		want := s.mul(e, trans, z)
		dst := inside(want)
		fill(dst, 7)
		e.Mul(dst, 0, trans, inside(z))
		sameBits(t, "Mul of views", flat(nil, dst), flat(nil, want))
	}
	s.denseViews(t)
	s.termsViews(t)
}

func (s operatorSuite) inputs(t *testing.T) {
	x, y := s.thin("inputs", 2)
	b, w, res := s.vector("b"), s.vector("w"), s.vector("dst")
	all := func() []float64 { return flat(flat(append(append([]float64(nil), b...), w...), x), y) }
	before := all()
	s.work(s.op.NewEval(), res, x, y, b, w)
	sameBits(t, "x, y, b and w after all calls", all(), before)
	s.denseInputs(t)
	s.termsInputs(t)
}

// work makes every call once and returns all results.
func (s operatorSuite) work(e lr.OperatorEval, res []float64, x, y *mat.Dense, b, w []float64) []float64 {
	e.Apply(res, x, y, b)
	out := append([]float64(nil), res...)
	e.Adjoint(w)
	out = flat(flat(out, s.mul(e, false, y)), s.mul(e, true, x))
	e.ApplyAdjoint(res, x, y, b)
	out = append(out, res...)
	return flat(flat(out, s.mul(e, false, y)), s.mul(e, true, x))
}

// results makes every call on a new evaluator.
func (s operatorSuite) results() []float64 {
	x, y := s.thin("results", 5)
	out := s.work(s.op.NewEval(), s.vector("dst"), x, y, s.vector("b"), s.vector("w"))
	return append(append(out, s.denseResults()...), s.termsResults()...)
}

func (s operatorSuite) shapes(t *testing.T) {
	d1, d2, m := s.op.Dims()
	x, y := s.thin("shapes", 2)
	tall, wide := mat.NewDense(d1+1, 2, nil), mat.NewDense(d2, 3, nil)
	e, res := s.op.NewEval(), make([]float64, m)
	mustPanic(t, "Apply with x of d1+1 rows", func() { e.Apply(res, tall, y, nil) })
	mustPanic(t, "Apply with y of another number of columns", func() { e.Apply(res, x, wide, nil) })
	mustPanic(t, "Apply with dst of m+1 numbers", func() { e.Apply(make([]float64, m+1), x, y, nil) })
	mustPanic(t, "Apply with b of m+1 numbers", func() { e.Apply(res, x, y, make([]float64, m+1)) })
	mustPanic(t, "ApplyAdjoint with b of m−1 numbers", func() { e.ApplyAdjoint(res, x, y, make([]float64, m-1)) })
	mustPanic(t, "Adjoint with w of m−1 numbers", func() { e.Adjoint(make([]float64, m-1)) })
	e.Adjoint(res)
	mustPanic(t, "Mul into d1+1 rows", func() { e.Mul(tall, 0, false, y) })
	mustPanic(t, "Mul with another number of columns", func() { e.Mul(x, 0, false, wide) })
	mustPanic(t, "Mul, transposed, of d1+1 rows", func() { e.Mul(y, 0, true, tall) })
	s.work(e, res, x, y, nil, make([]float64, m)) // usable after the panics
	s.denseShapes(t)
	s.termsShapes(t)
}

func (s operatorSuite) threads(t *testing.T) {
	want := s.results()
	for _, n := range threadCounts {
		withThreads(n, func() { sameBits(t, "all calls", s.results(), want) })
	}
}

func (s operatorSuite) allocations(t *testing.T) {
	x, y := s.thin("allocations", 4)
	gy, gx := mat.DenseCopyOf(x), mat.DenseCopyOf(y)
	b, w, res, e := s.vector("b"), s.vector("w"), s.vector("dst"), s.op.NewEval()
	n := allocations(20, func() {
		e.Apply(res, x, y, b)
		e.Adjoint(w)
		e.Mul(gy, 0, false, y)
		e.ApplyAdjoint(res, x, y, b)
		e.Mul(gx, 1, true, x)
	})
	if n > 0 {
		t.Errorf("%d allocations in a round of all calls, want none", n)
	}
	s.denseAllocations(t)
	s.termsAllocations(t)
}

func (s operatorSuite) concurrent(t *testing.T) {
	want := s.results()
	for _, got := range together(s.results) {
		sameBits(t, "one of four goroutines", got, want)
	}
}
