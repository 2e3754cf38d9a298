package operator_test

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// maskOf observes the places where seen says so.
func maskOf(t testing.TB, d1, d2 int, seen func(i, j int) bool) *operator.Mask {
	t.Helper()
	var is, js []int
	for i := range d1 {
		for j := range d2 {
			if seen(i, j) {
				is, js = append(is, i), append(js, j)
			}
		}
	}
	m, _, err := operator.NewMask(d1, d2, is, js)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestSkewedMasks runs the suite where a few rows or columns hold most entries,
// so that blocks begin and end inside them, and where most have none.
func TestSkewedMasks(t *testing.T) {
	for name, m := range map[string]*operator.Mask{
		"one full row":      maskOf(t, 9, 18000, func(i, j int) bool { return i == 5 || (i+j)%4001 == 0 }),
		"a single row":      maskOf(t, 1, 17000, func(i, j int) bool { return true }),
		"a single column":   maskOf(t, 17000, 1, func(i, j int) bool { return true }),
		"the last lines":    maskOf(t, 20, 9000, func(i, j int) bool { return i >= 18 || j == 8999 }),
		"the first lines":   maskOf(t, 9000, 20, func(i, j int) bool { return i == 0 || j < 2 }),
		"two dense columns": maskOf(t, 9000, 3, func(i, j int) bool { return j != 1 }),
	} {
		d1, d2, _ := m.Dims()
		t.Run(name, func(t *testing.T) { lowranktest.TestOperator(t, m, naiveMask(d1, d2, places(m))) })
	}
}

// TestMaskProducts compares both products, whichever way they go, with sums over
// the list of entries.
func TestMaskProducts(t *testing.T) {
	for _, c := range []struct {
		d1, d2 int
		p      float64
	}{{300, 400, 0.05}, {400, 300, 0.6}, {3000, 20, 0.5}, {20, 3000, 0.5}} {
		m, err := operator.NewBernoulliMask(c.d1, c.d2, c.p, 9)
		if err != nil {
			t.Fatal(err)
		}
		_, _, n := m.Dims()
		const k = 7
		rng := lr.Stream(4, "products")
		w, x, y := lr.NormalMatrix(rng, 1, n).RawMatrix().Data, lr.NormalMatrix(rng, c.d1, k), lr.NormalMatrix(rng, c.d2, k)
		gy, gx := mat.NewDense(c.d1, k, nil), mat.NewDense(c.d2, k, nil)
		for e, v := range w {
			i, j := m.Entry(e)
			for l := range k {
				gy.Set(i, l, gy.At(i, l)+v*y.At(j, l))
				gx.Set(j, l, gx.At(j, l)+v*x.At(i, l))
			}
		}
		e, got := m.NewEval(), mat.NewDense(c.d1, k, nil)
		e.Adjoint(w)
		e.Mul(got, 0, false, y)
		near(t, m.String()+" G·Y", flatten(got), flatten(gy))
		got = mat.NewDense(c.d2, k, nil)
		e.Mul(got, 0, true, x)
		near(t, m.String()+" Gᵀ·X", flatten(got), flatten(gx))
	}
}

// TestMaskMemory: what is stored for each entry is 12 bytes in the mask, 8 of them
// only when they are needed, and nothing in its evaluator.
func TestMaskMemory(t *testing.T) {
	m, err := operator.NewBernoulliMask(300, 500, 0.6, 1) // long columns
	if err != nil {
		t.Fatal(err)
	}
	_, _, n := m.Dims()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	e := m.NewEval()
	runtime.ReadMemStats(&after)
	if made := after.TotalAlloc - before.TotalAlloc; made > 4000 {
		t.Errorf("a new evaluator of %d entries takes %d bytes; it should store none of them", n, made)
	}
	runtime.KeepAlive(e)

	p := m.Pattern()
	if cap(p.Col) != n || cap(p.Row) != n || cap(p.At) != n {
		t.Errorf("lists of %d entries have room for %d, %d and %d", n, cap(p.Col), cap(p.Row), cap(p.At))
	}
	if got, want := m.Bytes(), 12*n+4*(301+501); got != want {
		t.Errorf("%d bytes for %d entries, want %d", got, n, want)
	}
	if again := m.Pattern(); again != p {
		t.Error("a second call makes another pattern")
	}
}

// The list by columns is made once, whoever asks first.
func TestPatternConcurrently(t *testing.T) {
	m := maskOf(t, 50, 60, func(i, j int) bool { return (i+j)%3 == 0 })
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if p := m.Pattern(); len(p.At) != len(p.Col) || len(p.Row) != len(p.Col) {
				t.Errorf("%d entries by rows, %d by columns", len(p.Col), len(p.Row))
			}
			m.NewEval()
		})
	}
	wait.Wait()
}

// A mask's evaluator keeps w itself.
func TestAdjointKeepsW(t *testing.T) {
	m := maskOf(t, 2, 2, func(i, j int) bool { return i == j })
	e, w := m.NewEval(), []float64{1, 2}
	e.Adjoint(w)
	w[1] = 5
	near(t, "G", whole(e, 2, 2), []float64{1, 0, 0, 5})
}

func TestNewBoolMask(t *testing.T) {
	m, err := operator.NewBoolMask([][]bool{{true, false, true}, {false, false, false}, {false, true, false}})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(m, m.Pattern().Col, m.Pattern().Row, m.RowCounts(), m.ColCounts()); got != "Mask(3 of 3×3 entries) [0 2 1] [0 2 0] [2 0 1] [1 1 1]" {
		t.Error(got)
	}
}

// TestObserved brings a matrix with gaps to entries and back.
func TestObserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 6).Draw(t, "d1"), rapid.IntRange(1, 6).Draw(t, "d2")
		data := rapid.SliceOfN(rapid.SampledFrom([]float64{math.NaN(), 0, -2.5, 7}), d1*d2, d1*d2).Draw(t, "data")
		m := mat.NewDense(d1, d2, data)
		o, err := operator.NewObserved(m)
		if !slices.ContainsFunc(data, func(v float64) bool { return v == v }) {
			if !errors.Is(err, lr.ErrEmpty) {
				t.Fatalf("without any number the error is %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		back := mat.NewDense(d1, d2, nil)
		back.Apply(func(_, _ int, _ float64) float64 { return math.NaN() }, back)
		for e, v := range o.Values {
			i, j := o.Mask.Entry(e)
			back.Set(i, j, v)
		}
		if got := flatten(back); !slices.EqualFunc(got, data, func(a, b float64) bool { return a == b || a != a && b != b }) {
			t.Fatalf("%v came back as %v", data, got)
		}
	})
}

// TestTriplets compares means by place with a map, for lists by index, by name
// and mixed.
func TestTriplets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "n")
		index := rapid.SliceOfN(rapid.IntRange(0, 5), n, n)
		in := operator.Triplets{Rows: index.Draw(t, "rows"), Cols: index.Draw(t, "cols"), Average: true}
		in.Values = rapid.SliceOfN(rapid.Float64Range(-9, 9), n, n).Draw(t, "values")
		sum, count := map[[2]string]float64{}, map[[2]string]int{}
		for k, v := range in.Values {
			at := [2]string{fmt.Sprint(in.Rows[k]), fmt.Sprint(in.Cols[k])}
			sum[at] += v
			count[at]++
		}
		rowName, colName := asNumber, asNumber
		if rapid.Bool().Draw(t, "rows by name") {
			in.RowNames, in.Rows = asNames(in.Rows), nil
		}
		if rapid.Bool().Draw(t, "columns by name") {
			in.ColNames, in.Cols = asNames(in.Cols), nil
		}
		o, err := in.New()
		if err != nil {
			t.Fatal(err)
		}
		if o.RowNames != nil {
			rowName = o.RowNames.Name
		}
		if o.ColNames != nil {
			colName = o.ColNames.Name
		}
		if len(o.Values) != len(sum) {
			t.Fatalf("%d entries at %d places", len(o.Values), len(sum))
		}
		for e, v := range o.Values {
			i, j := o.Mask.Entry(e)
			at := [2]string{rowName(i), colName(j)}
			if want := sum[at] / float64(count[at]); count[at] == 0 || math.Abs(v-want) > 1e-13 {
				t.Fatalf("the value at %v is %v, want %v (%d of them)", at, v, want, count[at])
			}
		}
	})
}

func asNumber(i int) string { return fmt.Sprint(i) }

func asNames(at []int) []string {
	names := make([]string, len(at))
	for k, i := range at {
		names[k] = asNumber(i)
	}
	return names
}

func TestTripletsShape(t *testing.T) {
	o, err := operator.Triplets{D1: 5, RowNames: []string{"b", "a", "b"}, Cols: []int{0, 3, 3}, Values: []float64{1, 2, 3}}.New()
	if err != nil {
		t.Fatal(err)
	}
	if d1, d2, n := o.Mask.Dims(); d1 != 5 || d2 != 4 || n != 3 || !slices.Equal(o.Values, []float64{1, 3, 2}) {
		t.Errorf("%v with values %v", o.Mask, o.Values)
	}
}

func TestNames(t *testing.T) {
	n, at := operator.NewNames([]string{"x", "", "x", "y"})
	if n.Len() != 3 || !slices.Equal(at, []int{0, 1, 0, 2}) || !slices.Equal(n.All(), []string{"x", "", "y"}) {
		t.Fatalf("%v are numbered %v", n.All(), at)
	}
	for i, name := range n.All() {
		if k, known := n.Index(name); !known || k != i || n.Name(i) != name {
			t.Errorf("%q is %d and %d is %q", name, k, i, n.Name(i))
		}
	}
	if _, known := n.Index("z"); known {
		t.Error("z is known")
	}
	n.All()[0] = "changed"
	if n.Name(0) != "x" {
		t.Error("All gives the names' own memory")
	}
}

// TestFixedCount checks counts and seeds, both where sets are drawn again and
// where that is hopeless.
func TestFixedCount(t *testing.T) {
	for _, f := range []operator.FixedCount{
		{D1: 1000, D2: 1000, Count: 14962, AtLeast: 5, Seed: 1},
		{D1: 1000, D2: 1000, Count: 5010, AtLeast: 5, Seed: 1},
		{D1: 30, D2: 500, Count: 1500, AtLeast: 3},
		{D1: 20, D2: 30, Count: 600, AtLeast: 20},
		{D1: 20, D2: 30, Count: 599, AtLeast: 3},
		{D1: 1 << 20, D2: 1 << 20, Count: 500},
	} {
		m, err := f.New()
		if err != nil {
			t.Fatal(err)
		}
		_, _, n := m.Dims()
		if n != f.Count || slices.Min(m.RowCounts()) < f.AtLeast || slices.Min(m.ColCounts()) < f.AtLeast {
			t.Errorf("%+v: %v, at least %d in a row and %d in a column", f, m, slices.Min(m.RowCounts()), slices.Min(m.ColCounts()))
		}
		if again, _ := f.New(); !slices.Equal(m.Pattern().Col, again.Pattern().Col) || !slices.Equal(m.Pattern().RowFrom, again.Pattern().RowFrom) {
			t.Errorf("%+v: the same seed gives another mask", f)
		}
		f.Seed += 5
		if other, _ := f.New(); f.Count < 599 && slices.Equal(m.Pattern().Col, other.Pattern().Col) {
			t.Errorf("%+v: another seed gives the same mask", f)
		}
	}
}

func TestMaskErrors(t *testing.T) {
	fixed := func(d1, d2, n, r int) error {
		_, err := operator.FixedCount{D1: d1, D2: d2, Count: n, AtLeast: r}.New()
		return err
	}
	made := func(in operator.Triplets) error { _, err := in.New(); return err }
	seen := func(m mat.Matrix) error { _, err := operator.NewObserved(m); return err }
	pattern := func(p [][]bool) error { _, err := operator.NewBoolMask(p); return err }
	one, nan := []float64{1}, math.NaN()
	for _, c := range []struct {
		name string
		err  error
		kind error
		says []string
	}{
		{"too few to serve", fixed(10, 20, 39, 2), lr.ErrValue, []string{"Count = 39", "10×20", "at least 2", "40 to 200"}},
		{"more than there are", fixed(3, 3, 10, 1), lr.ErrValue, []string{"Count = 10", "3 to 9"}},
		{"none", fixed(3, 3, 0, 0), lr.ErrValue, []string{"Count = 0", "1 to 9"}},
		{"a rank above the shape", fixed(3, 9, 9, 4), lr.ErrValue, []string{"AtLeast = 4", "min(D1, D2) = 3"}},
		{"a negative rank", fixed(3, 9, 9, -1), lr.ErrValue, []string{"AtLeast = -1"}},
		{"no shape", fixed(0, 9, 9, 0), lr.ErrShape, []string{"0×9"}},
		{"no values", made(operator.Triplets{Rows: []int{0}, Cols: []int{0}}), lr.ErrEmpty, []string{"no values"}},
		{"values for half", made(operator.Triplets{Rows: []int{0, 1}, Cols: []int{0, 0}, Values: one}), lr.ErrShape, []string{"1 values", "2 rows"}},
		{"columns for half", made(operator.Triplets{Rows: []int{0, 1}, Cols: []int{0}, Values: []float64{1, 2}}), lr.ErrShape, []string{"2 row", "1 column"}},
		{"NaN", made(operator.Triplets{Rows: []int{3}, Cols: []int{4}, Values: []float64{nan}}), lr.ErrValue, []string{"value 0", "(3, 4)", "NaN"}},
		{"a negative index", made(operator.Triplets{D1: 2, Rows: []int{-1}, Cols: []int{0}, Values: one}), lr.ErrShape, []string{"(-1, 0)"}},
		{"only negative indices", made(operator.Triplets{Rows: []int{-1}, Cols: []int{-1}, Values: one}), lr.ErrShape, []string{"0×0"}},
		{"outside", made(operator.Triplets{D1: 2, D2: 2, Rows: []int{0}, Cols: []int{2}, Values: one}), lr.ErrShape, []string{"(0, 2)", "2×2"}},
		{"names and indices", made(operator.Triplets{Rows: []int{0}, RowNames: []string{"a"}, Cols: []int{0}, Values: one}), lr.ErrValue, []string{"1 row indices", "1 row names", "one of the two"}},
		{"more names than columns", made(operator.Triplets{D2: 1, Rows: []int{0, 0}, ColNames: []string{"a", "b"}, Values: []float64{1, 2}}), lr.ErrShape, []string{"2 different column names for 1 columns"}},
		{"given twice", made(operator.Triplets{Rows: []int{1, 0, 1}, Cols: []int{2, 0, 2}, Values: []float64{1, 2, 3}}), lr.ErrValue, []string{"(1, 2)", "items 0 and 2", "average"}},
		{"a nil matrix", seen(nil), lr.ErrEmpty, []string{"nil"}},
		{"an empty matrix", seen(&mat.Dense{}), lr.ErrShape, []string{"0×0"}},
		{"all NaN", seen(mat.NewDense(1, 1, []float64{nan})), lr.ErrEmpty, []string{"empty"}},
		{"infinite", seen(mat.NewDense(1, 2, []float64{nan, math.Inf(-1)})), lr.ErrValue, []string{"(0, 1)", "-Inf", "NaN where"}},
		{"no pattern", pattern(nil), lr.ErrShape, []string{"0×0"}},
		{"no columns", pattern([][]bool{{}}), lr.ErrShape, []string{"1×0"}},
		{"ragged", pattern([][]bool{{true}, {true, true}}), lr.ErrShape, []string{"row 1", "2 entries", "row 0 has 1"}},
		{"all false", pattern([][]bool{{false}}), lr.ErrEmpty, []string{"empty"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !errors.Is(c.err, c.kind) {
				t.Fatalf("the error is %v; want one that wraps %q", c.err, c.kind)
			}
			for _, s := range c.says {
				if !strings.Contains(c.err.Error(), s) {
					t.Errorf("%q does not say %q", c.err, s)
				}
			}
		})
	}
}

// Wrong arguments of the hot calls panic with the package's name.
func TestMaskPanics(t *testing.T) {
	m := maskOf(t, 3, 4, func(i, j int) bool { return i != j })
	e := m.NewEval().(lr.DenseEval)
	_, _, n := m.Dims()
	for name, f := range map[string]func(){
		"a dense matrix of another shape": func() { e.ApplyDense(make([]float64, n), mat.NewDense(4, 3, nil), nil) },
		"a dst of another shape":          func() { e.AdjointDense(mat.NewDense(4, 3, nil)) },
		"a term outside": func() {
			x, y := mat.NewDense(3, 1, nil), mat.NewDense(4, 1, nil)
			e.(lr.TermsEval).AddTerms(mat.NewDense(3, 1, nil), mat.NewDense(4, 1, nil), x, y, nil, []int{n}, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if p := recover(); p == nil || !strings.HasPrefix(fmt.Sprint(p), "operator: ") {
					t.Errorf("it ended with %v; want a panic of the package", p)
				}
			}()
			f()
		})
	}
}

// BenchmarkNewMask sorts 10⁶ entries in random order.
func BenchmarkNewMask(b *testing.B) {
	const n, d = 1_000_000, 10_000
	rng := lr.Stream(1, "bench")
	at := map[[2]int]bool{}
	is, js := make([]int, 0, n), make([]int, 0, n)
	for len(is) < n {
		p := [2]int{rng.IntN(d), rng.IntN(d)}
		if !at[p] {
			at[p] = true
			is, js = append(is, p[0]), append(js, p[1])
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := operator.NewMask(d, d, is, js); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/n, "ns/entry")
}
