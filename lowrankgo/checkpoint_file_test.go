package lowrankgo_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// TestCheckpointOptions writes checkpoints on the way, and resumes from each.
func TestCheckpointOptions(t *testing.T) {
	p, m := spoon(3), wander{seed: 7}
	path := filepath.Join(t.TempDir(), "run.ckpt")
	var copies [][]byte
	o := &lr.Options{MaxIter: 20, Every: 3, Stop: never, Checkpoint: lr.Checkpoint{Path: path, Every: 4}}
	r := started(t, p, m, o)
	for r.Next(context.Background()) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		copies = append(copies, data)
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	want := drain(started(t, p, m, &lr.Options{MaxIter: 20, Every: 3, Stop: never}))
	sameResult(t, r.Result(), want)
	if bytes.Equal(copies[1], copies[2]) {
		t.Error("the file did not change between steps 3 and 6, though 4 is between")
	}
	for k, data := range copies {
		got := resumed(t, p, m, data, &lr.Options{MaxIter: 20, Every: 3, Stop: never})
		if k == 1 && got.Result().Iter != 0 || k == 2 && got.Result().Iter != 4 {
			t.Errorf("the checkpoint seen at row %d is of step %d", k, got.Result().Iter)
		}
		sameResult(t, drain(got), want)
	}
	last, err := lr.ResumeFile(p, m, path, &lr.Options{MaxIter: 25, Every: 3, Stop: never, Checkpoint: o.Checkpoint})
	if err != nil {
		t.Fatal(err)
	}
	if last.Result().Iter != 20 {
		t.Errorf("the file at the end is of step %d, want 20", last.Result().Iter)
	}
	drain(last)
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("%d files are left, want the checkpoint alone", len(left))
	}
}

// By time alone, and at the end however it comes.
func TestCheckpointInterval(t *testing.T) {
	p, m := spoon(3), wander{seed: 7, failAt: 6}
	path := filepath.Join(t.TempDir(), "run.ckpt")
	at := func() int {
		r, err := lr.ResumeFile(p, m, path, nil)
		if errors.Is(err, fs.ErrNotExist) {
			return -1
		} else if err != nil {
			t.Fatal(err)
		}
		return r.Result().Iter
	}
	r := started(t, p, m, &lr.Options{Stop: never, Checkpoint: lr.Checkpoint{Path: path, Interval: time.Hour}})
	for range 3 {
		r.Next(context.Background())
	}
	if k := at(); k != -1 {
		t.Errorf("a checkpoint of step %d before its hour", k)
	}
	drain(r)
	if k := at(); k != 5 || !errors.Is(r.Err(), lr.ErrFailed) {
		t.Errorf("after the failure (%v) the checkpoint is of step %d, want 5", r.Err(), k)
	}
	r = started(t, p, m, &lr.Options{Stop: never, Checkpoint: lr.Checkpoint{Path: path, Interval: time.Nanosecond}})
	for k := range 3 {
		r.Next(context.Background())
		if got := at(); got != k {
			t.Errorf("the checkpoint is of step %d, want %d", got, k)
		}
	}
}

// A checkpoint that cannot be written does not cost the run.
func TestCheckpointCannotBeWritten(t *testing.T) {
	p, m := spoon(3), wander{seed: 7}
	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	o := &lr.Options{MaxIter: 8, Stop: never, Checkpoint: lr.Checkpoint{Path: filepath.Join(dir, "run"), Every: 2}}
	r := started(t, p, m, o)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		r.Next(context.Background())
	}
	if err := r.Err(); !errors.Is(err, lr.ErrCheckpoint) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("while it cannot be written the error is %v", err)
	}
	res := drain(r)
	if res.Status != lr.IterationLimit || res.Iter != 8 || !errors.Is(r.Err(), lr.ErrCheckpoint) {
		t.Errorf("%v after %d steps, error %v", res.Status, res.Iter, r.Err())
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	o.MaxIter = 10
	again := resumed(t, p, m, stored(t, r), o)
	if drain(again); again.Err() != nil {
		t.Errorf("when it can be written again the error is %v", again.Err())
	}
	failing := started(t, p, wander{failAt: 3}, o)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	drain(failing)
	if err := failing.Err(); !errors.Is(err, lr.ErrFailed) || !errors.Is(err, lr.ErrCheckpoint) {
		t.Errorf("a failure whose checkpoint fails gives %v; want both", err)
	}
}

func TestCheckpointRefused(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		c    lr.Checkpoint
		kind error
		says string
	}{
		{lr.Checkpoint{Path: file, Every: -1}, lr.ErrValue, "Every = -1"},
		{lr.Checkpoint{Path: file, Interval: -time.Second}, lr.ErrValue, "Interval = -1s"},
		{lr.Checkpoint{Every: 5}, lr.ErrEmpty, "no Path"},
		{lr.Checkpoint{Path: filepath.Join(dir, "nowhere", "run")}, lr.ErrCheckpoint, "nowhere"},
		{lr.Checkpoint{Path: filepath.Join(file, "run")}, lr.ErrCheckpoint, "folder"},
	} {
		_, err := lr.Start(spoon(3), wander{}, ones(), &lr.Options{Checkpoint: c.c})
		if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: error %v; want one that wraps %v and says %q", c.c, err, c.kind, c.says)
		}
	}
	if _, err := lr.ResumeFile(spoon(3), wander{}, filepath.Join(dir, "none"), nil); !errors.Is(err, fs.ErrNotExist) || !errors.Is(err, lr.ErrCheckpoint) {
		t.Errorf("a file that is not there gives %v", err)
	}
	if _, err := lr.ResumeFile(spoon(3), wander{}, file, nil); !errors.Is(err, lr.ErrCheckpoint) || !strings.Contains(err.Error(), file) {
		t.Errorf("an empty file gives %v", err)
	}
	if err := started(t, spoon(3), wander{}, nil).SaveFile(filepath.Join(dir, "nowhere", "run")); !errors.Is(err, lr.ErrCheckpoint) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("SaveFile to nowhere gives %v", err)
	}
}

// The file is of the last step when a run is cancelled or stopped, whatever
// Every and Interval say, and the run goes on from there.
func TestCheckpointAtAnyEnd(t *testing.T) {
	p, m := spoon(3), wander{seed: 7}
	want := drain(started(t, p, m, &lr.Options{MaxIter: 9, Stop: never}))
	for name, status := range map[string]lr.Status{"canceled": lr.Canceled, "stopped": lr.Stopped} {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		o := &lr.Options{Stop: never, Checkpoint: lr.Checkpoint{Path: filepath.Join(t.TempDir(), "run"), Every: 1000}}
		o.OnRow = func(r lr.Row) bool {
			if r.Iter == 5 && status == lr.Canceled {
				cancel()
			}
			return r.Iter < 5 || status != lr.Stopped
		}
		r := started(t, p, m, o)
		for r.Next(ctx) {
		}
		if r.Trace().Status != status {
			t.Fatalf("%s: ended as %v", name, r.Trace().Status)
		}
		again, err := lr.ResumeFile(p, m, o.Checkpoint.Path, &lr.Options{MaxIter: 9, Stop: never})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if k := again.Result().Iter; k != 5 {
			t.Errorf("%s: the file is of step %d, want 5", name, k)
		}
		sameResult(t, drain(again), want)
	}
}
