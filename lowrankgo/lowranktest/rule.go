package lowranktest

import (
	"fmt"
	"math"
	"regexp"
	"runtime"
	"sync"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// rule is one thing that an implementation must do, and why.
type rule struct {
	name  string
	why   string
	check func(t *testing.T)
}

func run(t *testing.T, rules []rule) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			defer func() {
				if t.Failed() {
					t.Logf("the rule: %s", r.why)
				}
			}()
			r.check(t)
		})
	}
}

// threadCounts are the values of GOMAXPROCS under which results must agree.
var threadCounts = []int{1, 2, 7}

// withThreads calls f under another GOMAXPROCS.
func withThreads(n int, f func()) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
	f()
}

// allocations is the average number of allocations of a call of f, after a
// first call, on two threads. Like testing.AllocsPerRun it is rounded down, so
// that a stray allocation of the runtime does not count, and it is the least of
// some series, for the runtime first fills its pool of ended goroutines.
func allocations(calls int, f func()) uint64 {
	least := uint64(math.MaxUint64)
	withThreads(2, func() {
		f()
		for range 8 {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range calls {
				f()
			}
			runtime.ReadMemStats(&after)
			least = min(least, (after.Mallocs-before.Mallocs)/uint64(calls))
			if least == 0 {
				break
			}
		}
	})
	return least
}

// together calls f in some goroutines at once and returns what each gave.
func together[T any](f func() T) []T {
	out := make([]T, 4)
	var wg sync.WaitGroup
	for i := range out {
		wg.Go(func() { out[i] = f() })
	}
	wg.Wait()
	return out
}

var prefix = regexp.MustCompile(`^[a-z][a-z0-9]*: `)

// mustPanic fails unless f panics with a message that begins with a package's
// name, such as "operator: ".
func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		switch p := recover(); {
		case p == nil:
			t.Errorf("%s: no panic", what)
		case !prefix.MatchString(fmt.Sprint(p)):
			t.Errorf("%s: the panic says %q; want a message that begins with the package's name and a colon", what, fmt.Sprint(p))
		}
	}()
	f()
}

// sameBits reports the first place where two results differ; NaN equals NaN.
func sameBits(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
		return
	}
	for i := range got {
		if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
			t.Errorf("%s: number %d is %v, want the same bits as %v", what, i, got[i], want[i])
			return
		}
	}
}

// near fails unless max|got − want| ≤ tol·(1 + max|want|).
func near(t *testing.T, what string, tol float64, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
		return
	}
	var gap, size float64
	for i := range got {
		d := math.Abs(got[i] - want[i])
		if math.IsNaN(d) {
			d = math.Inf(1)
		}
		gap, size = math.Max(gap, d), math.Max(size, math.Abs(want[i]))
	}
	if gap > tol*(1+size) {
		t.Errorf("%s: off by %.3g, want at most %.1g·(1 + %.3g)", what, gap, tol, size)
	}
}

// nearer fails unless max|got − want| ≤ bound.
func nearer(t *testing.T, what string, bound float64, got, want []float64) {
	t.Helper()
	for i := range got {
		if d := math.Abs(got[i] - want[i]); !(d <= bound) {
			t.Errorf("%s: number %d is %.17g, want %.17g to within %.1g", what, i, got[i], want[i], bound)
			return
		}
	}
}

// optional is the one set of options that was given, or none.
func optional[T any](t *testing.T, given []T) (o T) {
	t.Helper()
	if len(given) > 1 {
		t.Fatalf("%d sets of options were given, want at most one", len(given))
	}
	for _, o = range given {
	}
	return o
}

func one(v float64) []float64 { return []float64{v} }

// flat appends the entries of a matrix, row by row, skipping a view's gaps.
func flat(out []float64, m *mat.Dense) []float64 {
	for i := range m.RawMatrix().Rows {
		out = append(out, m.RawRowView(i)...)
	}
	return out
}

// numbers lists the entries of both factors.
func numbers(x *lr.Factors) []float64 {
	out := flat(nil, x.U)
	if x.V != nil {
		out = flat(out, x.V)
	}
	return out
}

// normal is a matrix of N(0, 1) numbers of the suite's own stream.
func normal(name string, rows, cols int) *mat.Dense {
	return lr.NormalMatrix(lr.Stream(1, "lowranktest "+name), rows, cols)
}

// point is a random point of p's shape.
func point(p lr.Problem, name string, scale float64) *lr.Factors {
	x := lr.NewPoint(p)
	x.U.Copy(normal(name+" U", x.U.RawMatrix().Rows, x.Rank()))
	if x.V != nil {
		x.V.Copy(normal(name+" V", x.V.RawMatrix().Rows, x.Rank()))
	}
	x.Scale(scale)
	return x
}

// inside is a copy of m that is part of a larger matrix filled with NaN.
func inside(m *mat.Dense) *mat.Dense {
	r, c := m.Dims()
	big := mat.NewDense(r+2, c+3, nil)
	fill(big, math.NaN())
	view := big.Slice(1, r+1, 2, c+2).(*mat.Dense)
	view.Copy(m)
	return view
}

func fill(m *mat.Dense, v float64) {
	for i := range m.RawMatrix().Rows {
		row := m.RawRowView(i)
		for j := range row {
			row[j] = v
		}
	}
}

func inner(a, b []float64) float64 {
	var s float64
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

func norm(a []float64) float64 { return math.Sqrt(inner(a, a)) }
