package lowranktest

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// The rules of methods that split data into a low-rank and a sparse part
// themselves.

func finite(v float64) bool { return v-v == 0 }

func isSplitter(st lr.Stepper) bool {
	_, ok := st.(lr.Splitter)
	return ok
}

// splits reports whether the method is a Splitter on the suite's problem.
func (s methodSuite) splits() bool {
	st, err := s.m.Start(s.p, s.x0)
	return err == nil && isSplitter(st)
}

// residualOf is NaN unless st is a Splitter.
func residualOf(st lr.Stepper) float64 {
	if s, ok := st.(lr.Splitter); ok {
		return s.Residual()
	}
	return math.NaN()
}

// rises is what a run brings down: the loss, or the residual of a method that
// does not know it.
func rises(rows []lr.Row) (height func(lr.Row) float64, name string) {
	if math.IsNaN(rows[0].Loss) {
		return func(r lr.Row) float64 { return r.Residual }, "residual"
	}
	return func(r lr.Row) float64 { return r.Loss }, "loss"
}

// sparsePart looks at the start and at the points of a few steps.
func (s methodSuite) sparsePart(t *testing.T) {
	split, ok := lr.SplitOf(s.p)
	if !ok {
		t.Fatal("the method is a Splitter on a problem without a Split")
	}
	st := s.stepper(t).(lr.Splitter)
	for k := range fewSteps {
		part := st.SparsePart()
		d1, d2, _ := s.p.Dims()
		wellFormed(t, part, d1, d2)
		if t.Failed() {
			t.Fatalf("after %d steps", k)
		}
		overObserved(split, d1, func(i, j int, v float64) {
			if math.IsNaN(v) && part.At(i, j) != 0 {
				t.Errorf("step %d: S is %g in row %d, column %d, where nothing is observed", k, part.At(i, j), i, j)
			}
		})
		if part.NNZ() > 0 {
			keep := part.Value[0]
			part.Value[0] = math.NaN()
			if again := st.SparsePart(); again.Value[0] != keep {
				t.Errorf("step %d: a change of the S that SparsePart gave shows in the next", k)
			}
		}
		steps(t, st, 1)
	}
	if res := s.solve(t, &lr.Options{MaxIter: 3, Stop: never}); s.sparseOf(res) == nil {
		t.Error("Result.Sparse gives an error")
	}
}

// leaves compares Residual with what M + S leaves of the data.
func (s methodSuite) leaves(t *testing.T, split *lr.Split, st lr.Splitter, k int) {
	t.Helper()
	got := st.Residual()
	if !(got >= 0) || !finite(got) {
		t.Errorf("step %d: the residual is %g; want a finite number ≥ 0", k, got)
	}
	if s.o.Estimates {
		return
	}
	if want := relativeResidual(split, st.Point(), st.SparsePart()); !(math.Abs(got-want) <= 1e-8*want+1e-13) {
		t.Errorf("step %d: the residual is said to be %.17g; M + S leaves %.17g of the data", k, got, want)
	}
}

// sparseOf lists the numbers of a result's sparse part; of a problem that has
// none, and where it cannot be found, it is nil.
func (s methodSuite) sparseOf(res *lr.Result) []float64 {
	part, err := res.Sparse()
	if err != nil {
		return nil
	}
	out := []float64{float64(part.NNZ())}
	for e, v := range part.Value {
		out = append(out, float64(part.Col[e]), v)
	}
	for _, from := range part.RowFrom {
		out = append(out, float64(from))
	}
	return out
}
