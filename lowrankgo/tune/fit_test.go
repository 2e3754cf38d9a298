package tune

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// planted is a test problem: y = UVᵀ + S + noise, NaN where missing.
type planted struct {
	d1, d2, rank int
	share        float64 // of outliers
	size         float64 // of outliers, in mean magnitudes of UVᵀ
	noise        float64 // in standard deviations of UVᵀ
	missing      float64
	oneSided     bool
	seed         uint64
}

func (p planted) draw() (y, low *mat.Dense, wrong [][]bool) {
	rng := rand.New(rand.NewPCG(p.seed, 1))
	low = mat.NewDense(p.d1, p.d2, nil)
	if p.rank > 0 {
		low.Mul(gaussian(rng, p.d1, p.rank), gaussian(rng, p.rank, p.d2))
	}
	var mean float64
	for _, v := range low.RawMatrix().Data {
		mean += math.Abs(v) / float64(p.d1*p.d2)
	}
	if p.rank == 0 {
		mean = 1
	}
	y, wrong = mat.NewDense(p.d1, p.d2, nil), make([][]bool, p.d1)
	for i := range p.d1 {
		wrong[i] = make([]bool, p.d2)
		for j := range p.d2 {
			v := low.At(i, j) + p.noise*math.Sqrt(float64(max(1, p.rank)))*rng.NormFloat64()
			u, s := rng.Float64(), 2*rng.Float64()-1
			if p.oneSided {
				s = math.Abs(s)
			}
			if wrong[i][j] = u < p.share; wrong[i][j] {
				v += p.size * mean * s
			}
			if rng.Float64() < p.missing {
				v, wrong[i][j] = math.NaN(), false
			}
			y.Set(i, j, v)
		}
	}
	return y, low, wrong
}

func gaussian(rng *rand.Rand, d1, d2 int) *mat.Dense {
	m := mat.NewDense(d1, d2, nil)
	for i := range m.RawMatrix().Data {
		m.RawMatrix().Data[i] = rng.NormFloat64()
	}
	return m
}

// someFit is a fit at a random point, whose s is set by hand.
func someFit(t *rapid.T) (*fit, *mat.Dense) {
	p := planted{
		d1: rapid.IntRange(4, 40).Draw(t, "d1"), d2: rapid.IntRange(4, 40).Draw(t, "d2"), rank: 2, size: 10, noise: 0.1,
		share: rapid.Float64Range(0, 0.3).Draw(t, "share"), missing: rapid.Float64Range(0, 0.4).Draw(t, "missing"),
		seed: rapid.Uint64().Draw(t, "seed"),
	}
	y, _, _ := p.draw()
	v, err := newView(context.Background(), y, 1)
	if err != nil {
		t.Skip("nothing observed")
	}
	rng := rand.New(rand.NewPCG(p.seed, 2))
	k := rapid.IntRange(1, 3).Draw(t, "k")
	f := newFit(v)
	f.start(gaussian(rng, p.d1, k), gaussian(rng, k, p.d2).RawMatrix().Data, k)
	f.s = math.Exp(rapid.Float64Range(-3, 2).Draw(t, "log s"))
	clear(f.ofRow)
	clear(f.ofCol)
	for range rapid.IntRange(0, 2).Draw(t, "lines apart") {
		f.ofRow[rng.IntN(p.d1)], f.ofCol[rng.IntN(p.d2)] = 5*f.s, 0.6*f.s
	}
	var scaled mat.Dense
	scaled.Scale(v.unit, y)
	return f, &scaled
}

// residualOf is y − UVᵀ by plain loops, NaN where y is.
func residualOf(f *fit, y *mat.Dense) *mat.Dense {
	e := mat.NewDense(f.d1, f.d2, nil)
	e.Apply(func(i, j int, v float64) float64 {
		for l := range f.k {
			v -= f.u.At(i, l) * f.vt[l*f.d2+j]
		}
		return v
	}, y)
	return e
}

// weightOf is the weight of a residual by its definition.
func weightOf(d, zeta float64, rule loss) float64 {
	switch {
	case math.IsNaN(d):
		return 0
	case math.Abs(d) <= zeta:
		return 1
	case rule == trim:
		return 0
	}
	return zeta / math.Abs(d)
}

// lineStep is a step of reweighted least squares in one row or column: x for
// residuals d and the other factor's rows, every matrix written out.
func lineStep(x, d []float64, other *mat.Dense, zeta float64, rule loss) {
	n, k := other.Dims()
	weighted, whole, b := make([]float64, k*k), make([]float64, k*k), make([]float64, k)
	for j := range n {
		w := weightOf(d[j], zeta, rule)
		for p := range k {
			for q := range k {
				weighted[p*k+q] += w * other.At(j, p) * other.At(j, q)
				whole[p*k+q] += other.At(j, p) * other.At(j, q)
			}
			if w > 0 {
				b[p] += w * d[j] * other.At(j, p)
			}
		}
	}
	solve(weighted, whole, b)
	for p := range k {
		x[p] += b[p]
	}
}

// naiveSweep is the twin of sweep.
func naiveSweep(f *fit, y *mat.Dense, rule loss) (u, v *mat.Dense) {
	u = mat.DenseCopyOf(f.u)
	v = mat.DenseCopyOf(mat.NewDense(f.k, f.d2, f.vt).T())
	residual := func() *mat.Dense {
		var m mat.Dense
		m.Mul(u, v.T())
		m.Sub(y, &m)
		return &m
	}
	threshold := func(own float64) (float64, loss) {
		if own > 0 {
			return own, clip
		}
		return wide * f.s, rule
	}
	for range rounds {
		e := residual()
		for i := range f.d1 {
			zeta, rule := threshold(f.ofRow[i])
			lineStep(u.RawRowView(i), e.RawRowView(i), v, zeta, rule)
		}
	}
	e := residual()
	for j := range f.d2 {
		zeta, rule := threshold(f.ofCol[j])
		lineStep(v.RawRowView(j), mat.Col(nil, j, e), u, zeta, rule)
	}
	return u, v
}

func TestSweep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, y := someFit(t)
		rule := rapid.SampledFrom([]loss{clip, trim}).Draw(t, "rule")
		u, v := naiveSweep(f, y, rule)
		if err := f.sweep(context.Background(), rule); err != nil {
			t.Fatal(err)
		}
		size := mat.Norm(u, 2) + mat.Norm(v, 2)
		var e mat.Dense
		e.Sub(f.u, u)
		if d := mat.Norm(&e, 2); !(d <= 1e-6*size) {
			t.Fatalf("U is off by %g of %g", d, size)
		}
		e.Reset()
		e.Sub(mat.NewDense(f.k, f.d2, f.vt).T(), v)
		if d := mat.Norm(&e, 2); !(d <= 1e-6*size) {
			t.Fatalf("V is off by %g of %g", d, size)
		}
	})
}

// huber is Σ ρ(d) over what is observed.
func huber(e *mat.Dense, zeta float64) float64 {
	var sum float64
	for _, d := range e.RawMatrix().Data {
		switch d = math.Abs(d); {
		case d <= zeta:
			sum += d * d / 2
		case d > zeta:
			sum += zeta * (d - zeta/2)
		}
	}
	return sum
}

// TestSweepDescends is why a fit by Huber's loss may start anywhere: at a fixed
// threshold no step makes it larger, also where lines have too few entries.
func TestSweepDescends(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, y := someFit(t)
		zeta := wide * f.s
		before := huber(residualOf(f, y), zeta)
		for range 5 {
			f.s = zeta / wide
			clear(f.ofRow)
			clear(f.ofCol)
			if err := f.sweep(context.Background(), clip); err != nil {
				t.Fatal(err)
			}
			after := huber(residualOf(f, y), zeta)
			if after > before*(1+1e-9)+1e-20 {
				t.Fatalf("the loss rose from %.12g to %.12g", before, after)
			}
			before = after
		}
	})
}

func TestMeasure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, y := someFit(t)
		var near []float64
		for _, d := range residualOf(f, y).RawMatrix().Data {
			if !math.IsNaN(d) {
				near = append(near, math.Abs(d))
			}
		}
		slices.Sort(near)
		want := 1.4826 * near[len(near)-(len(near)+1)/2]
		if f.measure(); math.Abs(f.s-want) > 1e-12*(1+want) {
			t.Fatalf("s = %.15g, want %.15g", f.s, want)
		}
	})
}

func TestBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, _ := someFit(t)
		var before, after mat.Dense
		before.Mul(f.u, mat.NewDense(f.k, f.d2, f.vt))
		sigma := f.balance()
		after.Mul(f.u, mat.NewDense(f.k, f.d2, f.vt))
		after.Sub(&after, &before)
		if e := mat.Norm(&after, 2); e > 1e-12*mat.Norm(&before, 2) {
			t.Fatalf("the product changed by %g", e)
		}
		var svd mat.SVD
		svd.Factorize(&before, mat.SVDNone)
		for l, want := range svd.Values(nil)[:f.k] {
			if math.Abs(sigma[l]-want) > 1e-12*sigma[0] {
				t.Fatalf("σ%d = %g, want %g", l+1, sigma[l], want)
			}
		}
		var uu, vv mat.Dense
		uu.Mul(f.u.T(), f.u)
		vt := mat.NewDense(f.k, f.d2, f.vt)
		vv.Mul(vt, vt.T())
		for a := range f.k {
			for b := range f.k {
				want := 0.0
				if a == b {
					want = 1
				}
				if math.Abs(vv.At(a, b)-want) > 1e-12 || math.Abs(uu.At(a, b)-want*sigma[a]*sigma[a]) > 1e-11*sigma[0]*sigma[0] {
					t.Fatalf("(%d, %d): VᵀV = %g, UᵀU = %g with σ = %v", a, b, vv.At(a, b), uu.At(a, b), sigma)
				}
			}
		}
	})
}

func TestBalanceOfWildFactors(t *testing.T) {
	v, err := newView(context.Background(), mat.NewDense(4, 3, nil), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []float64{math.NaN(), math.Inf(1)} {
		f := newFit(v)
		f.start(mat.NewDense(4, 1, []float64{1, x, 0, 0}), []float64{1, 2, 3}, 1)
		if sigma := f.balance(); sigma != nil {
			t.Errorf("factors with %v have σ = %v, want none", x, sigma)
		}
	}
}

// TestSolve compares with gonum where enough entries have a say, and takes the
// shorter step where not.
func TestSolve(t *testing.T) {
	whole := []float64{4, 0, 2, 3}
	b := []float64{1, 2}
	solve([]float64{3, 0, 1, 2}, slices.Clone(whole), b)
	if want := []float64{0, 1}; math.Abs(b[0]-want[0]) > 1e-15 || math.Abs(b[1]-want[1]) > 1e-15 {
		t.Errorf("a⁻¹b = %v, want %v", b, want)
	}
	for name, a := range map[string][]float64{"zero": {0, 0, 0, 0}, "singular": {1, 0, 1, 1}, "indefinite": {1, 0, 2, 1}, "a lost direction": {3, 0, 0, 1e-6}} {
		b := []float64{1, 2}
		solve(slices.Clone(a), slices.Clone(whole), b)
		if math.Abs(b[0]+1.0/8) > 1e-15 || math.Abs(b[1]-0.75) > 1e-15 {
			t.Errorf("%s: step %v, want whole⁻¹b = [-0.125 0.75]", name, b)
		}
	}
	b = []float64{1, 2}
	if solve(make([]float64, 4), make([]float64, 4), b); b[0] != 0 || b[1] != 0 {
		t.Errorf("without any data the step is %v, want 0", b)
	}
}

// TestSettleIsExact: without noise a fit that sees through its outliers is
// exact in every entry, also in lines that are much larger than the others.
func TestSettleIsExact(t *testing.T) {
	y, low, _ := planted{d1: 80, d2: 70, rank: 2, share: 0.2, size: 10, missing: 0.2, seed: 3}.draw()
	for j := range 70 { // two large rows
		for _, i := range []int{5, 6} {
			y.Set(i, j, y.At(i, j)+2*low.At(i, j))
			low.Set(i, j, 3*low.At(i, j))
		}
	}
	v, err := newView(context.Background(), y, 1)
	if err != nil {
		t.Fatal(err)
	}
	stages, found, err := grow(context.Background(), v, 10, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !found || len(stages) != 3 {
		t.Fatalf("rank %d (found: %v), want 2", len(stages)-1, found)
	}
	var e mat.Dense
	e.Mul(stages[2].u, mat.NewDense(2, 70, stages[2].vt))
	e.Scale(1/v.unit, &e)
	e.Sub(&e, low)
	if most := mat.Max(&e) - mat.Min(&e); most > 1e-9 {
		t.Errorf("the fit is off by up to %g", most)
	}
}

func withThreads(n int, f func()) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
	f()
}
