package krylov

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// withSpectrum is Q·diag(values)·Qᵀ for a random orthogonal Q.
func withSpectrum(rng *rand.Rand, values []float64) *mat.Dense {
	n := len(values)
	var qr mat.QR
	qr.Factorize(normal(rng, n, n))
	var q, a mat.Dense
	qr.QTo(&q)
	a.Mul(&q, mat.NewDiagDense(n, values))
	a.Mul(&a, q.T())
	return &a
}

func symmetricMul(a *mat.Dense) func(dst, x []float64) {
	return func(dst, x []float64) { column(dst).MulVec(a, column(x)) }
}

// ends takes steps until the space is exhausted or there were as many as asked.
func ends(l *Lanczos, a *mat.Dense, start []float64, steps int) Ritz {
	l.Start(start)
	for l.Steps() < steps && l.Step(symmetricMul(a)) {
	}
	return l.Ritz()
}

// TestLanczosAll compares with the eigenvalues of a dense decomposition, with
// all the steps there can be: repeated eigenvalues, clusters, zeros.
func TestLanczosAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 24).Draw(t, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		values := make([]float64, n)
		for i := range values {
			values[i] = float64(rapid.IntRange(-3, 3).Draw(t, "eigenvalue"))
			if rapid.Bool().Draw(t, "off") {
				values[i] += 1e-3 * rng.NormFloat64()
			}
		}
		a := withSpectrum(rng, values)
		low, high := math.Inf(1), math.Inf(-1)
		for _, v := range values {
			low, high = min(low, v), max(high, v)
		}
		l := NewLanczos(n, n)
		r := ends(l, a, normal(rng, n, 1).RawMatrix().Data, n)
		if math.Abs(r.Low-low) > 1e-9 || math.Abs(r.High-high) > 1e-9 {
			t.Fatalf("n = %d: %g … %g, want %g … %g", n, r.Low, r.High, low, high)
		}
		checkVector(t, l, a, r)
	})
}

// checkVector holds the Ritz vector against what is said of it.
func checkVector(t interface {
	Fatalf(format string, args ...any)
}, l *Lanczos, a *mat.Dense, r Ritz) {
	n, _ := a.Dims()
	y, ay := make([]float64, n), make([]float64, n)
	l.Vector(y, r)
	symmetricMul(a)(ay, y)
	var rho, res, size float64
	for i, v := range y {
		rho += v * ay[i]
		size += v * v
	}
	for i, v := range y {
		res += (ay[i] - rho*v) * (ay[i] - rho*v)
	}
	scale := 1 + mat.Norm(a, 2)
	if math.Abs(size-1) > 1e-12 || math.Abs(rho-r.Low) > 1e-12*scale || math.Abs(math.Sqrt(res)-r.Residual) > 1e-11*scale {
		t.Fatalf("‖y‖² = %g, ⟨y, Ay⟩ = %g with residual %g; want 1, %g, %g", size, rho, math.Sqrt(res), r.Low, r.Residual)
	}
}

// naiveLanczos is the same by its definition: the eigenvalues of QᵀAQ for Q an
// orthonormal basis of [q, Aq, A²q, …], made by Gram–Schmidt, twice.
func naiveLanczos(a *mat.Dense, q []float64, k int) []float64 {
	n := len(q)
	var basis [][]float64
	next := append([]float64(nil), q...)
	for len(basis) < k {
		for range 2 {
			for _, b := range basis {
				var c float64
				for i := range b {
					c += b[i] * next[i]
				}
				for i := range b {
					next[i] -= c * b[i]
				}
			}
		}
		unit(next)
		basis = append(basis, next)
		w := make([]float64, n)
		symmetricMul(a)(w, next)
		next = w
	}
	t := mat.NewSymDense(k, nil)
	for i := range k {
		var aq mat.VecDense
		aq.MulVec(a, column(basis[i]))
		for j := range i + 1 {
			t.SetSym(i, j, mat.Dot(&aq, column(basis[j])))
		}
	}
	var eig mat.EigenSym
	eig.Factorize(t, false)
	return eig.Values(nil)
}

// TestLanczosPartial compares the Ritz values of a few steps with the
// definition, over all group remainders.
func TestLanczosPartial(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	const n = 80
	values := make([]float64, n)
	for i := range values {
		values[i] = rng.NormFloat64()
	}
	a, q := withSpectrum(rng, values), normal(rng, n, 1).RawMatrix().Data
	for k := 1; k <= 21; k++ {
		l := NewLanczos(n, k)
		r := ends(l, a, q, k)
		want := naiveLanczos(a, q, k)
		if math.Abs(r.Low-want[0]) > 1e-12 || math.Abs(r.High-want[k-1]) > 1e-12 || l.Steps() != k {
			t.Errorf("%d steps: %g … %g, want %g … %g", k, r.Low, r.High, want[0], want[k-1])
		}
		checkVector(t, l, a, r)
	}
}

// spread is a diagonal matrix of n numbers with separate ends, the hard case for
// orthogonality: Ritz values converge early and vectors are lost without
// reorthogonalisation.
func spread(n int) []float64 {
	d := make([]float64, n)
	for i := range d {
		d[i] = float64(i) / float64(n)
	}
	d[0], d[n-1] = -2, 5
	return d
}

func diagonal(d []float64) func(dst, x []float64) {
	return func(dst, x []float64) {
		for i, v := range x {
			dst[i] = d[i] * v
		}
	}
}

// The basis stays orthonormal long after Ritz values have converged.
func TestLanczosOrthogonal(t *testing.T) {
	const n, k = 5000, 61
	l, d := NewLanczos(n, k), spread(n)
	l.Start(normal(rand.New(rand.NewPCG(8, 8)), n, 1).RawMatrix().Data)
	for l.Steps() < k && l.Step(diagonal(d)) {
	}
	for i := range k {
		for j := range i + 1 {
			got := mat.Dot(column(l.vector(i)), column(l.vector(j)))
			if want := map[bool]float64{true: 1}[i == j]; math.Abs(got-want) > 1e-14 {
				t.Fatalf("⟨q%d, q%d⟩ = %g", i, j, got)
			}
		}
	}
	if r := l.Ritz(); math.Abs(r.Low+2) > 1e-12 || math.Abs(r.High-5) > 1e-12 || r.Residual > 1e-10 {
		t.Errorf("%+v, want -2 … 5", r)
	}
}

// The same bits for any number of threads.
func TestLanczosThreads(t *testing.T) {
	const n, k = 20_000, 13
	start := normal(rand.New(rand.NewPCG(9, 9)), n, 1).RawMatrix().Data
	run := func() string {
		l := NewLanczos(n, k)
		l.Start(start)
		for l.Steps() < k && l.Step(diagonal(spread(n))) {
		}
		r, y := l.Ritz(), make([]float64, n)
		l.Vector(y, r)
		return fmt.Sprint(r, y[:50])
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := run()
	for _, p := range []int{2, 7} {
		runtime.GOMAXPROCS(p)
		if run() != want {
			t.Errorf("GOMAXPROCS = %d gives other bits", p)
		}
	}
}

// An invariant subspace ends the search, and a start that is nothing begins none.
func TestLanczosExhausted(t *testing.T) {
	d := make([]float64, 100)
	for i := range d {
		d[i] = float64(i%3) - 1
	}
	l := NewLanczos(100, 50)
	if l.Start(make([]float64, 100)) {
		t.Error("a start of 0 was taken")
	}
	if l.Start([]float64{99: math.NaN()}) {
		t.Error("a start with NaN was taken")
	}
	if !l.Start(normal(rand.New(rand.NewPCG(1, 2)), 100, 1).RawMatrix().Data) {
		t.Fatal("no start")
	}
	steps := 0
	for l.Step(diagonal(d)) {
		steps++
	}
	if r := l.Ritz(); steps != 2 || l.Steps() != 3 || math.Abs(r.Low+1) > 1e-13 || math.Abs(r.High-1) > 1e-13 || r.Residual != 0 {
		t.Errorf("three eigenvalues: %d steps, %+v", l.Steps(), r)
	}
	l.Start([]float64{0: 1, 99: 0})
	if l.Step(func(dst, _ []float64) { dst[0] = math.NaN() }) || l.Steps() != 0 {
		t.Error("a product that is NaN was taken")
	}
}

func TestLanczosPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"start": func() { NewLanczos(3, 3).Start([]float64{1}) },
		"too many steps": func() {
			l := NewLanczos(3, 1)
			l.Start([]float64{1, 1, 1})
			l.Step(diagonal([]float64{1, 2, 3}))
			l.Step(diagonal([]float64{1, 2, 3}))
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

// TestMissedBy draws starts: the share of those that miss by more than ε is at
// most what was promised.
func TestMissedBy(t *testing.T) {
	const n, k, starts = 60, 8, 400
	d := spread(n)
	d[0] = -0.01
	for _, failure := range []float64{0.5, 0.1} {
		eps := MissedBy(n, k, failure)
		missed := 0
		for s := range starts {
			l := NewLanczos(n, k)
			l.Start(normal(rand.New(rand.NewPCG(3, uint64(s))), n, 1).RawMatrix().Data)
			for l.Steps() < k && l.Step(diagonal(d)) {
			}
			if l.Ritz().Low-d[0] > eps*(d[n-1]-d[0]) {
				missed++
			}
		}
		if float64(missed) > failure*starts {
			t.Errorf("%d of %d starts miss by more than ε = %g, promised at most %g", missed, starts, eps, failure*starts)
		}
	}
	if e := MissedBy(100, 0, 0.1); e != 1 {
		t.Errorf("no steps: ε = %g, want 1", e)
	}
	if a, b := MissedBy(100, 20, 0.1), MissedBy(100, 40, 0.1); !(b < a && a < 1) {
		t.Errorf("ε = %g after 20 steps, %g after 40", a, b)
	}
}

func BenchmarkLanczos(b *testing.B) {
	const n, k = 20_000, 60
	d := spread(n)
	start := normal(rand.New(rand.NewPCG(9, 9)), n, 1).RawMatrix().Data
	l := NewLanczos(n, k)
	for b.Loop() {
		l.Start(start)
		for l.Steps() < k && l.Step(diagonal(d)) {
		}
	}
}
