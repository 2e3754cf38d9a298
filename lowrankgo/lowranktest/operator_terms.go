package lowranktest

import (
	"slices"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// The rules of lowrankgo.TermsEval and of patterns. Those that are called from
// other rules do nothing for an operator without terms.

// lists are terms to take: none, each once, all, and some that repeat.
func (s operatorSuite) lists() [][]int {
	_, _, m := s.op.Dims()
	all := make([]int, m)
	for i := range all {
		all[i] = i
	}
	return [][]int{{}, {0}, {m - 1}, {m / 2, 0, m - 1, 0, m / 2, m / 2}, all}
}

// added is what AddTerms should leave in du and dv, by Adjoint.
func (s operatorSuite) added(du, dv, x, y *mat.Dense, b []float64, terms []int, c float64) (wantU, wantV *mat.Dense) {
	res := s.apply(x, y, b)
	w := make([]float64, len(res))
	for _, i := range terms {
		w[i] += c * res[i]
	}
	e := s.op.NewEval()
	e.Adjoint(w)
	wantU, wantV = s.mul(e, false, y), s.mul(e, true, x)
	wantU.Add(wantU, du)
	wantV.Add(wantV, dv)
	return wantU, wantV
}

func (s operatorSuite) terms(t *testing.T) {
	d1, d2, _ := s.op.Dims()
	e, _ := lr.TermsEvalOf(s.op)
	for _, k := range []int{1, 3, 4, 9} {
		x, y := s.thin("terms", k)
		for _, b := range [][]float64{nil, s.vector("b")} {
			for _, terms := range s.lists() {
				du, dv := normal("du", d1, k), normal("dv", d2, k)
				wantU, wantV := s.added(du, dv, x, y, b, terms, -0.7)
				e.AddTerms(du, dv, x, y, b, terms, -0.7)
				near(t, "du", 1e-12, flat(nil, du), flat(nil, wantU))
				near(t, "dv", 1e-12, flat(nil, dv), flat(nil, wantV))
			}
		}
	}
	if d1 == d2 {
		s.symmetricTerms(t, e)
	}
	w, y := s.vector("w"), normal("after terms", d2, 2)
	e.Adjoint(w)
	fresh := s.op.NewEval()
	fresh.Adjoint(w)
	near(t, "G·z after AddTerms and Adjoint", 1e-12, flat(nil, s.mul(e, false, y)), flat(nil, s.mul(fresh, false, y)))
}

// symmetricTerms gives one matrix as du and dv, and one as x and y.
func (s operatorSuite) symmetricTerms(t *testing.T, e lr.TermsEval) {
	x, b := normal("symmetric", s.zeros().RawMatrix().Rows, 3), s.vector("b")
	for _, terms := range s.lists() {
		zero := mat.NewDense(x.RawMatrix().Rows, 3, nil)
		wantU, wantV := s.added(zero, zero, x, x, b, terms, 0.3)
		wantU.Add(wantU, wantV)
		got := mat.NewDense(x.RawMatrix().Rows, 3, nil)
		e.AddTerms(got, got, x, x, b, terms, 0.3)
		near(t, "one matrix for du and dv", 1e-12, flat(nil, got), flat(nil, wantU))
	}
}

// termsResults makes every call with terms on a new evaluator.
func (s operatorSuite) termsResults() []float64 {
	e, ok := lr.TermsEvalOf(s.op)
	if !ok {
		return nil
	}
	var out []float64
	x, y := s.thin("results", 5)
	for _, terms := range s.lists() {
		du, dv := s.thin("held", 5)
		e.AddTerms(du, dv, x, y, s.vector("b"), terms, 1.5)
		out = flat(flat(out, du), dv)
	}
	return out
}

func (s operatorSuite) termsViews(t *testing.T) {
	e, ok := lr.TermsEvalOf(s.op)
	if !ok {
		return
	}
	x, y := s.thin("views", 3)
	du, dv := s.thin("held", 3)
	vu, vv := inside(du), inside(dv)
	terms := s.lists()[3]
	e.AddTerms(du, dv, x, y, nil, terms, 1)
	e.AddTerms(vu, vv, inside(x), inside(y), nil, terms, 1)
	sameBits(t, "du of views", flat(nil, vu), flat(nil, du))
	sameBits(t, "dv of views", flat(nil, vv), flat(nil, dv))
}

func (s operatorSuite) termsInputs(t *testing.T) {
	e, ok := lr.TermsEvalOf(s.op)
	if !ok {
		return
	}
	x, y := s.thin("inputs", 3)
	du, dv := s.thin("held", 3)
	b, terms := s.vector("b"), s.lists()[3]
	e.AddTerms(du, dv, x, y, b, terms, 1)
	x0, y0 := s.thin("inputs", 3)
	sameBits(t, "x, y and b after AddTerms", append(flat(flat(nil, x), y), b...), append(flat(flat(nil, x0), y0), s.vector("b")...))
	if !slices.Equal(terms, s.lists()[3]) {
		t.Error("AddTerms changed the list of terms")
	}
}

func (s operatorSuite) termsShapes(t *testing.T) {
	e, ok := lr.TermsEvalOf(s.op)
	if !ok {
		return
	}
	d1, d2, m := s.op.Dims()
	x, y := s.thin("shapes", 2)
	du, dv := s.thin("held", 2)
	tall, wide := mat.NewDense(d1+1, 2, nil), mat.NewDense(d2, 3, nil)
	mustPanic(t, "AddTerms of term m", func() { e.AddTerms(du, dv, x, y, nil, []int{m}, 1) })
	mustPanic(t, "AddTerms of term −1", func() { e.AddTerms(du, dv, x, y, nil, []int{-1}, 1) })
	mustPanic(t, "AddTerms with x of d1+1 rows", func() { e.AddTerms(du, dv, tall, y, nil, []int{0}, 1) })
	mustPanic(t, "AddTerms into d1+1 rows", func() { e.AddTerms(tall, dv, x, y, nil, []int{0}, 1) })
	mustPanic(t, "AddTerms with y of another number of columns", func() { e.AddTerms(du, dv, x, wide, nil, []int{0}, 1) })
	mustPanic(t, "AddTerms into another number of columns", func() { e.AddTerms(du, wide, x, y, nil, []int{0}, 1) })
	mustPanic(t, "AddTerms with b of m+1 numbers", func() { e.AddTerms(du, dv, x, y, make([]float64, m+1), []int{0}, 1) })
}

func (s operatorSuite) termsAllocations(t *testing.T) {
	e, ok := lr.TermsEvalOf(s.op)
	if !ok {
		return
	}
	x, y := s.thin("allocations", 4)
	du, dv := s.thin("held", 4)
	b, terms := s.vector("b"), s.lists()[3]
	if n := allocations(20, func() { e.AddTerms(du, dv, x, y, b, terms, 1) }); n > 0 {
		t.Errorf("%d allocations in AddTerms, want none", n)
	}
}

// line is the index that a list of ascending starts gives each item of n.
func line(t *testing.T, what string, from []int32, lines, n int) []int {
	t.Helper()
	if len(from) != lines+1 || from[0] != 0 || int(from[lines]) != n || !slices.IsSorted(from) {
		t.Fatalf("%s has %d numbers from %v to %v; want %d ascending ones from 0 to %d", what, len(from), from[0], from[len(from)-1], lines+1, n)
	}
	at := make([]int, 0, n)
	for i := range lines {
		for range from[i+1] - from[i] {
			at = append(at, i)
		}
	}
	return at
}

func (s operatorSuite) pattern(t *testing.T) {
	p, _ := lr.PatternOf(s.op)
	d1, d2, m := s.op.Dims()
	rows, cols := line(t, "RowFrom", p.RowFrom, d1, m), line(t, "ColFrom", p.ColFrom, d2, m)
	if len(p.Col) != m || len(p.Row) != m || len(p.At) != m {
		t.Fatalf("%d, %d and %d entries in Col, Row and At; want %d in each", len(p.Col), len(p.Row), len(p.At), m)
	}
	for e := 1; e < m; e++ {
		if rows[e] == rows[e-1] && p.Col[e] <= p.Col[e-1] {
			t.Fatalf("Col[%d] = %d does not ascend in row %d", e, p.Col[e], rows[e])
		}
		if cols[e] == cols[e-1] && p.Row[e] <= p.Row[e-1] {
			t.Fatalf("Row[%d] = %d does not ascend in column %d", e, p.Row[e], cols[e])
		}
	}
	for k, e := range p.At {
		if e < 0 || int(e) >= m || int(p.Row[k]) != rows[e] || int(p.Col[e]) != cols[k] {
			t.Fatalf("position %d by columns is entry (%d, %d) and measurement %d, which by rows is elsewhere", k, p.Row[k], cols[k], e)
		}
	}
	x, y := s.thin("pattern", 3)
	full := lr.Factors{U: x, V: y}
	got, want := s.apply(x, y, nil), make([]float64, m)
	for e := range want {
		want[e] = full.At(rows[e], int(p.Col[e]))
	}
	near(t, "the measurements, against the entries of the pattern", 1e-12, got, want)
}
