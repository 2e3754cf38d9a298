package problem_test

import (
	"math"
	"math/big"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// naiveLoss is Σ φᵢ(⟨Aᵢ, UVᵀ⟩) by plain loops over the definition.
type naiveLoss struct {
	as  []*mat.Dense
	phi func(i int, t float64) (value, slope, curvature float64)
}

func (n naiveLoss) eval(x, d *lr.Factors) (value float64, grad, hess *lr.Factors) {
	all := make([]int, len(n.as))
	for i := range all {
		all[i] = i
	}
	return n.some(all, x, d)
}

// some is the sum of some of the terms.
func (n naiveLoss) some(terms []int, x, d *lr.Factors) (value float64, grad, hess *lr.Factors) {
	grad, hess = x.Clone(), x.Clone()
	grad.Scale(0)
	hess.Scale(0)
	for _, i := range terms {
		a := n.as[i]
		v, slope, curvature := n.phi(i, paired(a, x.U, x.Right()))
		along := paired(a, d.U, x.Right()) + paired(a, x.U, d.Right())
		value += v
		addThin(slope, a, x.U, x.Right(), grad.U, grad.Right())
		addThin(curvature*along, a, x.U, x.Right(), hess.U, hess.Right())
		addThin(slope, a, d.U, d.Right(), hess.U, hess.Right())
	}
	return value, grad, hess
}

// shape draws sizes down to 1×1.
type shape struct {
	d1, d2, r int
	symmetric bool
	seed      uint64
}

func drawShape(t *rapid.T) shape {
	s := shape{symmetric: rapid.Bool().Draw(t, "symmetric"), d1: rapid.IntRange(1, 7).Draw(t, "d1"), seed: rapid.Uint64().Draw(t, "seed")}
	s.d2 = s.d1
	if !s.symmetric {
		s.d2 = rapid.IntRange(1, 7).Draw(t, "d2")
	}
	s.r = rapid.IntRange(1, min(s.d1, s.d2)).Draw(t, "r")
	return s
}

// drawPlaces draws distinct places of the matrix, in any order, with a unit
// matrix for each in row-major order, the order of masks.
func (s shape) drawPlaces(t *rapid.T) (rows, cols []int, units []*mat.Dense, order []int) {
	at := rapid.SliceOfNDistinct(rapid.IntRange(0, s.d1*s.d2-1), 1, s.d1*s.d2, rapid.ID[int]).Draw(t, "places")
	for _, p := range at {
		rows, cols = append(rows, p/s.d2), append(cols, p%s.d2)
	}
	for p := range s.d1 * s.d2 {
		for k, q := range at {
			if p == q {
				unit := mat.NewDense(s.d1, s.d2, nil)
				unit.Set(p/s.d2, p%s.d2, 1)
				units, order = append(units, unit), append(order, k)
			}
		}
	}
	return rows, cols, units, order
}

// batch compares gradients of drawn terms, some repeated, with plain loops.
func (n naiveLoss) batch(t *rapid.T, p lr.Problem, seed uint64) {
	t.Helper()
	b, ok := lr.BatchesOf(p)
	if !ok || b.Terms() != len(n.as) {
		t.Fatalf("batches %t; want %d terms", ok, len(n.as))
	}
	terms := rapid.SliceOfN(rapid.IntRange(0, len(n.as)-1), 1, 5).Draw(t, "terms")
	x, got := lr.NewPoint(p), lr.NewPoint(p)
	x.U.Copy(lr.NormalMatrix(lr.Stream(seed, "batch U"), x.U.RawMatrix().Rows, x.Rank()))
	if x.V != nil {
		x.V.Copy(lr.NormalMatrix(lr.Stream(seed, "batch V"), x.V.RawMatrix().Rows, x.Rank()))
	}
	_, want, _ := n.some(terms, x, x)
	want.Scale(float64(len(n.as)) / float64(len(terms)))
	b.GradBatch(got, x, terms)
	nearFactors(t, "gradient of a batch", 1e-10, got, want)
}

// TestEntryLosses compares losses of entries with plain loops over them.
func TestEntryLosses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawShape(t)
		rows, cols, units, order := s.drawPlaces(t)
		rng := lr.Stream(s.seed, "values")
		signs, counts := make([]float64, len(rows)), make([]float64, len(rows))
		for k := range rows {
			signs[k], counts[k] = float64(2*rng.IntN(2)-1), float64(rng.IntN(5))
		}
		oneBit, err := problem.OneBit{D1: s.d1, D2: s.d2, Rank: s.r, Rows: rows, Cols: cols, Values: signs, Symmetric: s.symmetric}.New()
		if err != nil {
			t.Fatal(err)
		}
		slow := naiveLoss{units, func(i int, t float64) (value, slope, curvature float64) {
			e := math.Exp(-signs[order[i]] * t)
			return math.Log(1 + e), -signs[order[i]] * e / (1 + e), e / ((1 + e) * (1 + e))
		}}
		compare(t, oneBit, slow.eval, s.seed)
		slow.batch(t, oneBit, s.seed)

		poisson, err := problem.Poisson{D1: s.d1, D2: s.d2, Rank: s.r, Rows: rows, Cols: cols, Values: counts, Symmetric: s.symmetric}.New()
		if err != nil {
			t.Fatal(err)
		}
		slow.phi = func(i int, t float64) (value, slope, curvature float64) {
			return math.Exp(t) - counts[order[i]]*t, math.Exp(t) - counts[order[i]], math.Exp(t)
		}
		compare(t, poisson, slow.eval, s.seed)
		slow.batch(t, poisson, s.seed)
	})
}

// TestMeasurementLosses compares losses of dense measurements, and the two
// Huber losses, with plain loops.
func TestMeasurementLosses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawShape(t)
		m := rapid.IntRange(1, 11).Draw(t, "m")
		k := rapid.Float64Range(0.1, 5).Draw(t, "threshold")
		w := rapid.Float64Range(0.1, 5).Draw(t, "weight")
		op, err := operator.NewGaussian(s.d1, s.d2, m, s.seed)
		if err != nil {
			t.Fatal(err)
		}
		b := lr.NormalMatrix(lr.Stream(s.seed, "b"), m, 1).RawMatrix().Data
		slow := naiveLoss{matrices(op), func(i int, t float64) (value, slope, curvature float64) {
			e := t - b[i]
			if math.Abs(e) > k {
				return w * (k*math.Abs(e) - k*k/2), w * k * math.Copysign(1, e), 0
			}
			return w * e * e / 2, w * e, w
		}}
		for _, smooth := range []bool{false, true} {
			p, err := problem.Huber{Operator: op, B: b, Rank: s.r, Threshold: k, Weight: w, Smooth: smooth, Symmetric: s.symmetric}.New()
			if err != nil {
				t.Fatal(err)
			}
			compare(t, p, slow.eval, s.seed)
			slow.batch(t, p, s.seed)
			slow.phi = func(i int, t float64) (value, slope, curvature float64) {
				e := (t - b[i]) / k
				root := math.Sqrt(1 + e*e)
				return w * k * k * (root - 1), w * k * e / root, w / (root * root * root)
			}
		}
		slow.phi = func(i int, t float64) (value, slope, curvature float64) {
			return math.Sin(t + float64(i)), math.Cos(t + float64(i)), -math.Sin(t + float64(i))
		}
		p, err := problem.MeasurementLoss{Operator: op, Phi: slow.phi, Rank: s.r, Symmetric: s.symmetric}.New()
		if err != nil {
			t.Fatal(err)
		}
		compare(t, p, slow.eval, s.seed)
		slow.batch(t, p, s.seed)
	})
}

// TestWeightedLoops compares with plain loops over the weighted entries, some
// of weight 0 and unknown.
func TestWeightedLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawShape(t)
		_, _, units, _ := s.drawPlaces(t)
		rng := lr.Stream(s.seed, "weights")
		a, w := mat.NewDense(s.d1, s.d2, nil), mat.NewDense(s.d1, s.d2, nil)
		var weight, value []float64
		for _, u := range units {
			weight, value = append(weight, 3*rng.Float64()+0.01), append(value, rng.NormFloat64())
			at := len(weight) - 1
			w.Add(w, times(weight[at], u))
			a.Add(a, times(value[at], u))
		}
		a.Apply(func(i, j int, v float64) float64 {
			if w.At(i, j) == 0 {
				return math.NaN()
			}
			return v
		}, a)
		p, err := problem.WeightedFactorisation{A: a, Weights: w, Rank: s.r, Symmetric: s.symmetric}.New()
		if err != nil {
			t.Fatal(err)
		}
		slow := naiveLoss{units, func(i int, t float64) (v, slope, curvature float64) {
			e := t - value[i]
			return weight[i] * e * e / 2, weight[i] * e, weight[i]
		}}
		compare(t, p, slow.eval, s.seed)
		slow.batch(t, p, s.seed)
	})
}

func times(c float64, a *mat.Dense) *mat.Dense {
	var m mat.Dense
	m.Scale(c, a)
	return &m
}

// TestExtremeArguments compares the losses far out with 300-bit arithmetic, or
// with what they tend to: nothing overflows and nothing cancels.
func TestExtremeArguments(t *testing.T) {
	at := func(p lr.Problem, v float64) (value, slope, curvature float64) {
		h, _ := lr.HessVecOf(p)
		x := &lr.Factors{U: mat.NewDense(1, 1, []float64{v}), V: mat.NewDense(1, 1, []float64{1})}
		g, d := lr.NewPoint(p), lr.NewPoint(p)
		value = h.Grad(g, x)
		d.U.Set(0, 0, 1)
		dst := lr.NewPoint(p)
		h.HessVec(dst, x, d)
		return value, g.U.At(0, 0), dst.U.At(0, 0)
	}
	one := func(y float64) lr.Problem {
		return must(t)(problem.OneBit{D1: 1, D2: 1, Rank: 1, Rows: []int{0}, Cols: []int{0}, Values: []float64{y}}.New())
	}
	for _, c := range []struct{ y, t, value, slope, curvature float64 }{
		{1, 800, 0, 0, 0},
		{1, -800, 800, -1, 0},
		{-1, 1e6, 1e6, 1, 0},
		{-1, -800, 0, 0, 0},
		{1, 40, math.Exp(-40), -math.Exp(-40), math.Exp(-40)},
		{1, 0, math.Ln2, -0.5, 0.25},
	} {
		v, s, k := at(one(c.y), c.t)
		near(t, "logistic", 1e-15, row(v, s, k), row(c.value, c.slope, c.curvature))
		if c.value > 0 && math.Abs(v/c.value-1) > 1e-14 {
			t.Errorf("log(1 + exp(−%g)) = %g, want %g", c.y*c.t, v, c.value)
		}
	}
	op, err := operator.NewIdentity(1, 1)
	if err != nil {
		t.Fatal(err)
	}
	huber := must(t)(problem.Huber{Operator: op, B: []float64{0}, Rank: 1, Threshold: 2, Smooth: true}.New())
	for _, e := range []float64{1e-12, 1e-5, 0.3, 7, 1e9} {
		v, _, _ := at(huber, e)
		if want := exactPseudoHuber(2, e); math.Abs(v/want-1) > 1e-15 {
			t.Errorf("pseudo-Huber of %g is %.17g, want %.17g", e, v, want)
		}
	}
	if v, s, k := at(huber, 1e200); math.Abs(v/2e200-1) > 1e-15 || math.Abs(s-2) > 1e-15 || k != 0 {
		t.Errorf("pseudo-Huber of 1e200: %g, %g, %g", v, s, k)
	}
}

func row(v ...float64) *mat.Dense { return mat.NewDense(1, len(v), v) }

// exactPseudoHuber is k²(√(1 + (e/k)²) − 1) in 300-bit arithmetic.
func exactPseudoHuber(k, e float64) float64 {
	number := func(v float64) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(v) }
	s := number(e)
	s.Quo(s, number(k))
	s.Mul(s, s).Add(s, number(1)).Sqrt(s).Sub(s, number(1))
	v, _ := s.Mul(s, number(k*k)).Float64()
	return v
}

// The Huber loss bounds the pull of a gross error; the squared one does not.
func TestHuberIgnoresOutliers(t *testing.T) {
	clean := made(t, problem.GaussianSensing{D1: 8, D2: 6, Rank: 1, M: 60, Seed: 1})
	wrong := made(t, problem.GaussianSensing{D1: 8, D2: 6, Rank: 1, M: 60, Seed: 1, Outliers: 0.1, OutlierSize: 1e6})
	x := clean.Truth()
	huber := must(t)(problem.Huber{Operator: wrong.Operator(), B: wrong.Measurements(), Rank: 1, Threshold: 1e-3}.New())
	g := lr.NewPoint(clean)
	wrong.NewEval().Grad(g, x)
	if g.Norm() < 1e5 {
		t.Errorf("six errors of 1e6 pull the squares with %g", g.Norm())
	}
	huber.NewEval().Grad(g, x)
	if g.Norm() > 1 {
		t.Errorf("six errors of 1e6 pull the Huber loss with %g", g.Norm())
	}
}

// The user's loss is called by the goroutine of its evaluator, so that an
// interpreted function may be one.
func TestPhiIsNotThreaded(t *testing.T) {
	op, err := operator.NewIdentity(200, 200)
	if err != nil {
		t.Fatal(err)
	}
	calls := 0 // the race detector watches
	p := must(t)(problem.MeasurementLoss{Name: "cubic", Operator: op, Rank: 1, Phi: func(_ int, t float64) (value, slope, curvature float64) {
		calls++
		return t * t * t / 6, t * t / 2, t
	}}.New())
	x := lr.NewPoint(p)
	p.NewEval().Grad(x.Clone(), x)
	if calls != 200*200 {
		t.Errorf("%d calls for 40000 measurements", calls)
	}
	if got, want := p.(*problem.Objective).String(), "cubic(Identity(200×200), rank 1, M = UVᵀ, weight 1)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestWeightedOperator: the least-squares form of a weighted factorisation has
// a map of its own, √w_ij·M_ij, which passes the suite of maps.
func TestWeightedOperator(t *testing.T) {
	const d1, d2 = 7, 5
	w := mat.NewDense(d1, d2, nil)
	w.Apply(func(i, j int, _ float64) float64 { return float64((2*i + j) % 4) }, w)
	p := made(t, problem.WeightedFactorisation{A: normal("A", d1, d2), Weights: w, Rank: 2})
	lowranktest.TestOperator(t, p.Operator(), func(m mat.Matrix) (out []float64) {
		for i := range d1 {
			for j := range d2 {
				if v := w.At(i, j); v > 0 {
					out = append(out, math.Sqrt(v)*m.At(i, j))
				}
			}
		}
		return out
	})
}

// TestManyBlocks compares values that are sums of many blocks, the last of them
// short, with one loop.
func TestManyBlocks(t *testing.T) {
	q := made(t, problem.RandomCompletion{D1: 101, D2: 97, Rank: 2, P: 1, Seed: 1, Noise: 0.5})
	b, at := q.Measurements(), measured(q)
	var squares, losses float64
	for i := range b {
		squares += (at[i] - b[i]) * (at[i] - b[i]) / 2
		losses += math.Abs(at[i]-b[i]) - 0.005 // few errors are below the threshold
	}
	near(t, "½‖𝒜(M) − b‖²", 1e-12, scalar(q.NewEval().Grad(nil, q.Truth())), scalar(squares))
	huber := must(t)(problem.Huber{Operator: q.Operator(), B: b, Rank: 2, Threshold: 0.01}.New())
	near(t, "Huber loss", 2e-3, scalar(huber.NewEval().Grad(nil, q.Truth())/0.01), scalar(losses))
}
