package lowrankgo_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

// slowBowl is bowl with evaluations of 25 ms; from the one that calls cancel
// on, they last until open is closed.
func slowBowl(at int, cancel func(), open <-chan struct{}) lr.Problem {
	p, n := bowl(), 0
	grad := p.GradFunc
	p.GradFunc = func(dst, x *lr.Factors) float64 {
		if n++; n == at {
			cancel()
		}
		if n >= at {
			<-open
		} else {
			time.Sleep(25 * time.Millisecond)
		}
		return grad(dst, x)
	}
	return p
}

// A single evaluation that never ends does not keep a cancelled run: the run
// gives what it has. If it waited, the test would not end.
func TestLongEvaluationIsLeftBehind(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cause, open := errors.New("enough"), make(chan struct{})
	defer close(open)
	run, err := lr.Start(slowBowl(5, func() { cancel(cause) }, open), solver.GD{Step: 0.5}, ones(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var begin time.Time
	for begin = time.Now(); run.Next(ctx); begin = time.Now() {
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("it took %v to end", took)
	}
	if !errors.Is(run.Err(), lr.ErrCanceled) || !errors.Is(run.Err(), cause) {
		t.Errorf("the error is %v; want one that wraps ErrCanceled and the cause", run.Err())
	}
	res := run.Result()
	if want := ones(); res.Iter != 3 || len(res.Trace.Rows) != 4 {
		t.Errorf("%d steps and %d rows; want 3 and 4", res.Iter, len(res.Trace.Rows))
	} else if want.Scale(0.125); !res.X.Equal(want) {
		t.Errorf("the partial result is %v, want the third point, %v", res.X, want)
	}
	if err := run.Save(new(bytes.Buffer)); !errors.Is(err, lr.ErrCheckpoint) {
		t.Errorf("saving what has no state gives %v, want ErrCheckpoint", err)
	}
}

// With checkpoints nothing is left behind: the step is waited for, and the run
// goes on from it.
func TestLongEvaluationWithCheckpoint(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	open := make(chan struct{})
	stop := func() {
		cancel()
		time.AfterFunc(200*time.Millisecond, func() { close(open) })
	}
	path := filepath.Join(t.TempDir(), "run")
	res, err := lr.Solve(ctx, slowBowl(5, stop, open), solver.GD{Step: 0.5}, ones(), &lr.Options{Checkpoint: lr.Checkpoint{Path: path}})
	if !errors.Is(err, lr.ErrCanceled) || res.Iter != 4 {
		t.Fatalf("%v after %d steps; want canceled after the fourth", err, res.Iter)
	}
	run, err := lr.ResumeFile(bowl(), solver.GD{Step: 0.5}, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !run.Point().Equal(res.X) || !run.Next(context.Background()) || run.Row().Iter != 5 {
		t.Errorf("it resumes at %v with row %d; want %v and row 5", run.Point(), run.Row().Iter, res.X)
	}
}
