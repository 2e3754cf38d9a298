package lowranktest

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// stages are the numbers of steps after which a run of n is cut.
func stages(n int) []int {
	switch {
	case n == 1:
		return []int{0}
	case n < 4:
		return []int{0, n - 1}
	}
	return []int{0, 1, n / 2, n - 1}
}

// checkpoint cuts runs at each stage, and one run at all of them.
func (s methodSuite) checkpoint(t *testing.T) {
	n := s.few(t)
	o := &lr.Options{MaxIter: n, Stop: never}
	want := s.solve(t, o)
	again, err := lr.Start(s.p, s.m, s.x0, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range stages(n) {
		whole, err := lr.Start(s.p, s.m, s.x0, o)
		if err != nil {
			t.Fatal(err)
		}
		cut := s.reload(t, whole, k, o)
		if cut == nil {
			return
		}
		finish(cut)
		sameRun(t, "a run resumed", k, cut.Result(), want)
		sameBits(t, "a run resumed, the sparse part", s.sparseOf(cut.Result()), s.sparseOf(want))
		finish(whole)
		sameRun(t, "a run saved", k, whole.Result(), want)
		if again = s.reload(t, again, k, o); again == nil {
			return
		}
	}
	finish(again)
	sameRun(t, "a run resumed often, at last", n, again.Result(), want)
}

// reload brings a run to step k, saves it and resumes it.
func (s methodSuite) reload(t *testing.T, r *lr.Run, k int, o *lr.Options) *lr.Run {
	t.Helper()
	for r.Result().Iter < k || len(r.Trace().Rows) == 0 {
		if !r.Next(context.Background()) {
			break
		}
	}
	var file bytes.Buffer
	if err := r.Save(&file); err != nil {
		t.Errorf("Save after step %d: %v", k, err)
		return nil
	}
	next, err := lr.Resume(s.p, s.m, &file, o)
	if err != nil {
		t.Errorf("Resume after step %d: %v", k, err)
		return nil
	}
	return next
}

func finish(r *lr.Run) {
	for r.Next(context.Background()) {
	}
}

// sameRun compares all but the times.
func sameRun(t *testing.T, what string, k int, got, want *lr.Result) {
	t.Helper()
	if got.Status != want.Status || got.Iter != want.Iter || got.Evals != want.Evals {
		t.Errorf("%s after step %d: %q after %d steps and %d evaluations, want %q after %d and %d",
			what, k, got.Status, got.Iter, got.Evals, want.Status, want.Iter, want.Evals)
	}
	if !t.Failed() {
		sameBits(t, what+", the trace", traced(got.Trace), traced(want.Trace))
		sameBits(t, what+", the last point", numbers(got.X), numbers(want.X))
	}
}

// traced lists the numbers of a trace but the times.
func traced(t *lr.Trace) []float64 {
	var out []float64
	for _, r := range t.Rows {
		out = append(out, float64(r.Iter), r.Loss, r.GradNorm, r.RelErr, r.SqErr, r.Residual, r.Step)
	}
	return out
}

// notSaved is for methods that say they cannot.
func (s methodSuite) notSaved(t *testing.T) {
	r, err := lr.Start(s.p, s.m, s.x0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Save(&bytes.Buffer{}); !errors.Is(err, lr.ErrCheckpoint) {
		t.Errorf("Save gives %v; want an error that wraps ErrCheckpoint", err)
	}
	o := &lr.Options{Checkpoint: lr.Checkpoint{Path: filepath.Join(t.TempDir(), "run")}}
	if _, err := lr.Start(s.p, s.m, s.x0, o); !errors.Is(err, lr.ErrCheckpoint) {
		t.Errorf("Start with checkpoints gives %v; want an error that wraps ErrCheckpoint", err)
	}
}
