package problem_test

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// singular are the singular values of the truth that are not rounding.
func singular(t fataler, p lr.Problem) []float64 {
	t.Helper()
	x, ok := lr.TruthOf(p)
	var svd mat.SVD
	if !ok || !svd.Factorize(x.Dense(), mat.SVDNone) {
		t.Fatalf("no singular values")
	}
	return svd.Values(nil)[:x.Rank()]
}

// TestSpectrum: the truth has the singular values asked for, and balanced
// factors, whatever else is drawn.
func TestSpectrum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := problem.RandomCompletion{
			D1: rapid.IntRange(2, 15).Draw(t, "d1"), P: 1, Rank: 1, Seed: rapid.Uint64().Draw(t, "seed"),
			Kappa: rapid.Float64Range(1, 1e5).Draw(t, "κ"), Sigma: rapid.Float64Range(0.1, 10).Draw(t, "σ1"),
			Spacing: rapid.SampledFrom([]problem.Spacing{problem.SpacingLinear, problem.SpacingGeometric}).Draw(t, "spacing"),
		}
		c.D2 = c.D1
		if c.Symmetric = rapid.Bool().Draw(t, "symmetric"); !c.Symmetric {
			c.D2 = rapid.IntRange(2, 15).Draw(t, "d2")
		}
		r := rapid.IntRange(2, min(c.D1, c.D2)).Draw(t, "r*")
		c.TruthRank = r
		if rapid.Bool().Draw(t, "on fewer rows") {
			c.Support = rapid.IntRange(r, min(c.D1, c.D2)).Draw(t, "support")
		}
		p, err := c.New()
		if err != nil {
			t.Fatal(err)
		}
		want := make([]float64, r)
		for k := range want {
			at := float64(k) / float64(r-1)
			if want[k] = c.Sigma * (1 + at*(1/c.Kappa-1)); c.Spacing == problem.SpacingGeometric {
				want[k] = c.Sigma / math.Pow(c.Kappa, at)
			}
		}
		near(t, "singular values", 1e-13, row(singular(t, p)...), row(want...))
		x, _ := lr.TruthOf(p)
		var gram mat.Dense
		for _, f := range []*mat.Dense{x.U, x.Right()} {
			gram.Mul(f.T(), f)
			near(t, "UᵀU", 1e-13, &gram, mat.DenseCopyOf(mat.NewDiagDense(r, want)))
			if n := filled(f); c.Support > 0 && n != c.Support {
				t.Fatalf("%d rows are not 0, want %d", n, c.Support)
			}
		}
	})
}

// filled counts the rows that are not 0.
func filled(a *mat.Dense) (n int) {
	for i := range a.RawMatrix().Rows {
		for _, v := range a.RawRowView(i) {
			if v != 0 {
				n++
				break
			}
		}
	}
	return n
}

// A truth on fewer rows is more coherent: μ of Def 4 is at least d over them.
func TestSupportIsCoherent(t *testing.T) {
	for _, support := range []int{0, 30, 6} {
		p := made(t, problem.RandomCompletion{D1: 60, D2: 60, Rank: 3, P: 0.2, Kappa: 1, Support: support, Seed: 1})
		x, _ := lr.TruthOf(p) // U = X·√σ with σ = 1
		var mu float64
		for i := range 60 {
			r := x.U.RawRowView(i)
			mu = math.Max(mu, (r[0]*r[0]+r[1]*r[1]+r[2]*r[2])*60/3)
		}
		if low := 60 / math.Max(float64(support), 60.0/6); support > 0 && mu < low {
			t.Errorf("on %d rows μ = %g, want at least %g", support, mu, low)
		}
		if support == 0 && mu > 6 {
			t.Errorf("on all rows μ = %g", mu)
		}
	}
}

// measured is 𝒜(M*) of the truth.
func measured(p *problem.Quadratic) []float64 {
	b := p.Measurements()
	x := p.Truth()
	p.Operator().NewEval().Apply(b, x.U, x.Right(), nil)
	return b
}

// TestNoise: the errors have mean 0 and the standard deviation asked for,
// within five standard errors.
func TestNoise(t *testing.T) {
	p := made(t, problem.RandomCompletion{D1: 80, D2: 70, Rank: 2, P: 0.9, Seed: 1, Noise: 0.3})
	var sum, sq float64
	b, clean := p.Measurements(), measured(p)
	for i := range b {
		e := (b[i] - clean[i]) / 0.3
		sum, sq = sum+e, sq+e*e
	}
	n := float64(len(b))
	if mean := sum / n; math.Abs(mean) > 5/math.Sqrt(n) {
		t.Errorf("mean %g of %g errors", mean, n)
	}
	if v := sq / n; math.Abs(v-1) > 5*math.Sqrt(2/n) {
		t.Errorf("variance %g of %g errors", v, n)
	}
}

// TestOutliers: as many as asked for, of the size asked for, of both signs, and
// the others are right.
func TestOutliers(t *testing.T) {
	for _, size := range []float64{0, 7} {
		p := made(t, problem.GaussianSensing{D1: 10, D2: 9, Rank: 2, M: 200, Seed: 1, Outliers: 0.2, OutlierSize: size})
		b, clean := p.Measurements(), measured(p)
		if size == 0 {
			var sq float64
			for _, v := range clean {
				sq += v * v
			}
			size = 10 * math.Sqrt(sq/200)
		}
		count := map[bool]int{}
		for i := range b {
			switch e := b[i] - clean[i]; {
			case math.Abs(math.Abs(e)-size) < 1e-10*size:
				count[e > 0]++
			case e != 0:
				t.Errorf("measurement %d is off by %g, want 0 or ±%g", i, e, size)
			}
		}
		if count[true]+count[false] != 40 || count[true] < 8 || count[false] < 8 {
			t.Errorf("%d above and %d below, want 40 of both signs", count[true], count[false])
		}
	}
}

// One field leaves what the others draw as it was.
func TestFieldsDoNotShift(t *testing.T) {
	plain := problem.GaussianSensing{D1: 6, D2: 5, Rank: 2, M: 40, Seed: 3}
	noisy, wrong, both, wide := plain, plain, plain, plain
	noisy.Noise, both.Noise = 0.1, 0.1
	wrong.Outliers, both.Outliers, wrong.OutlierSize, both.OutlierSize = 0.3, 0.3, 5, 5
	wide.Rank, wide.TruthRank = 4, 2
	p := made(t, plain)
	b, bn, bw, bb := p.Measurements(), made(t, noisy).Measurements(), made(t, wrong).Measurements(), made(t, both).Measurements()
	for i := range b {
		if e := bb[i] - (bn[i] + bw[i] - b[i]); math.Abs(e) > 1e-13 {
			t.Fatalf("noise and outliers are not the sum of both: off by %g", e)
		}
	}
	w := made(t, wide)
	if !w.Truth().Equal(p.Truth()) || !mat.Equal(row(w.Measurements()...), row(b...)) {
		t.Error("the truth or its measurements depend on the rank of the factors")
	}
	if _, _, r := w.Dims(); r != 4 {
		t.Errorf("rank %d, want 4", r)
	}
	again := made(t, both)
	if !mat.Equal(row(again.Measurements()...), row(bb...)) {
		t.Error("the same seed gives another problem")
	}
}

// A random instance through the user's operator is that of the Gaussian one,
// to the bit, also where the operator draws its matrices again each time.
func TestRandomSensing(t *testing.T) {
	op, err := operator.GaussianEnsemble{D1: 6, D2: 5, M: 40, Seed: 3, MatrixFree: true}.New()
	if err != nil {
		t.Fatal(err)
	}
	p := made(t, problem.RandomSensing{Operator: op, Rank: 2, Seed: 3, Kappa: 4, Noise: 0.1})
	q := made(t, problem.GaussianSensing{D1: 6, D2: 5, Rank: 2, M: 40, Seed: 3, Kappa: 4, Noise: 0.1})
	if !p.Truth().Equal(q.Truth()) || !mat.Equal(row(p.Measurements()...), row(q.Measurements()...)) {
		t.Error("two problems of one seed")
	}
	x := q.Truth()
	vp, gp, hp := allOf(p, x, x)
	vq, gq, hq := allOf(q, x, x)
	if vp != vq || !gp.Equal(gq) || !hp.Equal(hq) {
		t.Error("stored and redrawn matrices give other bits")
	}
}

// A fixed count gives the count, its p, and enough in every row and column.
func TestFixedCount(t *testing.T) {
	c := problem.RandomCompletion{D1: 30, D2: 20, Rank: 3, Entries: 180, Seed: 1}
	p := made(t, c)
	mask := p.Operator().(*operator.Mask)
	if _, _, n := mask.Dims(); n != 180 {
		t.Errorf("%d entries, want 180", n)
	}
	if w := p.Weight(); math.Abs(w-600.0/180) > 1e-15 {
		t.Errorf("weight %g, want 1/p = %g", w, 600.0/180)
	}
	for _, n := range append(mask.RowCounts(), mask.ColCounts()...) {
		if n < 3 {
			t.Fatalf("a row or column with %d entries, want at least the rank, 3", n)
		}
	}
	c.Entries, c.AtLeast = 25, -1
	if _, _, n := made(t, c).Operator().Dims(); n != 25 {
		t.Errorf("%d entries, want 25", n)
	}
}

// Signs follow the logistic model: where M* is near t, a share 1/(1 + e⁻ᵗ) of
// them is 1; and the entries of M* have the standard deviation Signal.
func TestRandomOneBit(t *testing.T) {
	for _, signal := range []float64{0, 0.5} {
		p, err := problem.RandomOneBit{D1: 200, D2: 200, Rank: 8, P: 1, Seed: 1, Signal: signal}.New()
		if err != nil {
			t.Fatal(err)
		}
		if signal == 0 {
			signal = 2
		}
		x := p.Truth()
		var sq float64
		for i := range 200 {
			for j := range 200 {
				sq += x.At(i, j) * x.At(i, j)
			}
		}
		if sd := math.Sqrt(sq / 40000); math.Abs(sd/signal-1) > 0.15 {
			t.Errorf("the entries of M* have standard deviation %g, want about %g", sd, signal)
		}
		// The expected value at the truth is Σ of the entropies h(M*_ij).
		var mean, variance float64
		for i := range 200 {
			for j := range 200 {
				m := x.At(i, j)
				q := 1 / (1 + math.Exp(-m))
				up, down := math.Log1p(math.Exp(-m)), math.Log1p(math.Exp(m))
				mean += q*up + (1-q)*down
				variance += q * (1 - q) * (up - down) * (up - down)
			}
		}
		if v := p.NewEval().Grad(nil, x); math.Abs(v-mean) > 5*math.Sqrt(variance) {
			t.Errorf("f(M*) = %g, want %g ± %g", v, mean, 5*math.Sqrt(variance))
		}
	}
}
