package lowrankgo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Checkpoint says where a run saves itself and how often. It also saves itself
// when it ends, however it ends, over what the file held before.
//
// A checkpoint costs the size of the method's state and about 64 bytes for each
// row of the trace; the clock of the run does not see it. The first costs an
// evaluator and two evaluations beside that, for the problem's fingerprint.
//
// A checkpoint that cannot be written, say on a full disk, does not end the
// run, and leaves the file before it as it was: the run tries again when the
// next is due. [Run.Err] tells of it for as long as the latest failed.
type Checkpoint struct {
	Path     string        // a file in a folder that exists; empty: no checkpoints
	Every    int           // steps between checkpoints; default by time alone
	Interval time.Duration // time between them; default 30 s when Every is 0, else by steps alone
}

func (c *Checkpoint) fill() error {
	if c.Every < 0 || c.Interval < 0 {
		return fmt.Errorf("lowrankgo: Checkpoint has Every = %d, Interval = %v; none may be negative: %w", c.Every, c.Interval, ErrValue)
	}
	if c.Path == "" {
		if c.Every > 0 || c.Interval > 0 {
			return fmt.Errorf("lowrankgo: Checkpoint has Every = %d, Interval = %v but no Path to write to: %w", c.Every, c.Interval, ErrEmpty)
		}
		return nil
	}
	if dir, err := os.Stat(filepath.Dir(c.Path)); err != nil {
		return fmt.Errorf("lowrankgo: Checkpoint.Path is in a folder that cannot be used: %w: %w", err, ErrCheckpoint)
	} else if !dir.IsDir() {
		return fmt.Errorf("lowrankgo: Checkpoint.Path is %q, but %q is no folder: %w", c.Path, filepath.Dir(c.Path), ErrCheckpoint)
	}
	if c.Every == 0 && c.Interval == 0 {
		c.Interval = 30 * time.Second
	}
	return nil
}

// checkpoint saves the run when it is due.
func (r *Run) checkpoint() {
	c := r.opts.Checkpoint
	if c.Path == "" {
		return
	}
	due := r.trace.Status != Running ||
		c.Every > 0 && r.iter%c.Every == 0 ||
		c.Interval > 0 && time.Since(r.savedAt) >= c.Interval
	if due {
		r.saveErr = r.SaveFile(c.Path)
		r.savedAt = time.Now()
	}
}

// Save writes a checkpoint of the run as it is after the last call of Next,
// from which [Resume] goes on as if nothing had happened. A method whose
// Stepper is no [Saver] gives an error that wraps [ErrCheckpoint].
//
// The format is one line that says what it is, a version, the length and the
// SHA-256 of the rest, and the rest: the method's name, the problem's shape and
// fingerprint (its value at zero, and its value and slope at a fixed random
// point), the trace, the last complete point and the method's state.
func (r *Run) Save(w io.Writer) error {
	state, err := r.state()
	if err != nil {
		return err
	}
	if r.print == nil {
		if r.print, err = fingerprint(r.problem); err != nil {
			return err
		}
	}
	data, err := r.saved(state).encode()
	if err != nil {
		return fmt.Errorf("lowrankgo: writing a checkpoint: %w: %w", err, ErrCheckpoint)
	}
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("lowrankgo: writing a checkpoint: %w: %w", err, ErrCheckpoint)
	}
	return nil
}

// SaveFile writes what [Run.Save] writes to a file, atomically: to a new file
// in the same folder, which takes the name path when all of it is on the disk.
func (r *Run) SaveFile(path string) error {
	var b bytes.Buffer
	if err := r.Save(&b); err != nil {
		return err
	}
	if err := replaceFile(path, b.Bytes()); err != nil {
		return fmt.Errorf("lowrankgo: writing a checkpoint: %w: %w", err, ErrCheckpoint)
	}
	return nil
}

func replaceFile(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Chmod(0o644))
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Resume brings back a run that [Run.Save] wrote: the same problem, the same
// method with the same parameters, and options, which are not saved. The
// resumed run takes the steps that the saved one would have taken, to the bit
// on the same architecture and [Variant] of the inner loops, and counts its
// steps and time on.
//
// A run that had ended goes on when the options let it: with a larger MaxIter
// or Time, a stricter Stop, or after it was cancelled or stopped. A row that
// only its end had put between multiples of Every is dropped then. A run that
// had diverged or failed stays so.
//
// What cannot be used is an error that wraps [ErrCheckpoint] and says why: not
// a checkpoint at all, truncated, corrupted, from a newer library, of another
// method, of another problem. The stream must end where the checkpoint does.
func Resume(p Problem, m Method, from io.Reader, o *Options) (*Run, error) {
	s, err := readSaved(from)
	if err != nil {
		return nil, err
	}
	if isNil(m) {
		return nil, fmt.Errorf("lowrankgo: Resume needs a method (it is nil): %w", ErrEmpty)
	}
	if err := CheckProblem(p); err != nil {
		return nil, err
	}
	print, err := s.belongsTo(p, m)
	if err != nil {
		return nil, err
	}
	x := NewPoint(p)
	rest := take(s.Point, x.U)
	if x.V != nil {
		take(rest, x.V)
	}
	opts, err := checkStart(p, m, x, o)
	if err != nil {
		return nil, err
	}
	r, err := newRun(p, m, x, opts)
	if err != nil {
		return nil, err
	}
	if err := r.setState(s.State); err != nil {
		return nil, err
	}
	r.print = print
	return r, r.takeUp(s)
}

// ResumeFile is [Resume] from a file that [Run.SaveFile] or
// Options.Checkpoint wrote.
func ResumeFile(p Problem, m Method, path string, o *Options) (*Run, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("lowrankgo: reading a checkpoint: %w: %w", err, ErrCheckpoint)
	}
	defer f.Close()
	r, err := Resume(p, m, f, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// takeUp gives a new run the history of a saved one.
func (r *Run) takeUp(s *saved) error {
	r.iter, r.info, r.residual = s.Iter, s.info(), math.NaN()
	if n := len(s.Rows); n > 0 && s.RowIter[len(s.RowIter)-1] == s.Iter {
		r.residual = s.Rows[n-2]
	} else if m, ok := r.stepper.(Splitter); ok { // saved between rows
		r.residual = m.Residual()
	}
	r.elapsed += s.Elapsed
	r.trace.Rows = s.rows()
	r.trace.Arch, r.trace.Variant = then(s.Arch, r.trace.Arch), then(s.Variant, r.trace.Variant)
	r.trace.Version = then(s.Version, r.trace.Version)
	if s.Status == Diverged || s.Status == Failed {
		var cause error
		if s.Cause != "" {
			cause = errors.New(s.Cause)
		}
		r.end(s.Status, cause)
		return nil
	}
	if x := r.stepper.Point(); x == nil || x.U == nil || !r.good.sameShape(x) || !x.Equal(r.good) {
		return fmt.Errorf("lowrankgo: the State of %s does not bring back its point: %w", r.trace.Method, ErrCheckpoint)
	}
	if r.reachedEnd() {
		return nil
	}
	if n := len(r.trace.Rows); s.Status != Running && n > 1 && r.trace.Last().Iter%s.Every != 0 {
		r.trace.Rows = r.trace.Rows[:n-1]
		r.trace.largest, r.trace.seen = 0, 0
	}
	return nil
}

// reachedEnd asks whether the options, which may be new, end the run where it
// is.
func (r *Run) reachedEnd() bool {
	switch t := r.trace; {
	case len(t.Rows) == 0:
	case r.opts.Stop(t) != Running:
		t.Status = r.unlessFull(r.opts.Stop(t))
	case r.iter >= r.opts.MaxIter:
		t.Status = IterationLimit
	case r.opts.Time > 0 && r.elapsed >= r.opts.Time:
		t.Status = TimeLimit
	}
	return r.trace.Status != Running
}

// then says what was used before and what is used now.
func then(before, now string) string {
	if before == now || strings.HasSuffix(before, ", then "+now) {
		return before
	}
	return before + ", then " + now
}

// fingerprint describes a problem by numbers that hardly another problem has:
// f(0), f(x) and ⟨∇f(x), d⟩ at a random x and d that are the same for all
// problems of one shape, and the size ‖∇f(x)‖·‖d‖ that the slope is judged by.
func fingerprint(p Problem) ([]float64, error) {
	x, d, g := NewPoint(p), NewPoint(p), NewPoint(p)
	for name, f := range map[string]*Factors{"checkpoint point": x, "checkpoint probe": d} {
		rng := Stream(1, name)
		f.each(func(row, _ []float64) {
			for i := range row {
				row[i] = rng.NormFloat64()
			}
		}, f)
	}
	var out []float64
	err := protected(func() error {
		e := p.NewEval()
		zero := e.Grad(nil, NewPoint(p))
		out = []float64{zero, e.Grad(g, x), g.Dot(d), g.Norm() * d.Norm()}
		return nil
	})
	return out, err
}

// samePrint compares two fingerprints to 1e-9.
func samePrint(a, b []float64) bool {
	near := func(x, y, size float64) bool {
		return x == y || math.IsNaN(x) && math.IsNaN(y) || math.Abs(x-y) <= 1e-9*size
	}
	larger := func(i int) float64 { return math.Max(math.Abs(a[i]), math.Abs(b[i])) }
	return near(a[0], b[0], larger(0)) && near(a[1], b[1], larger(1)) && near(a[2], b[2], larger(3)) && near(a[3], b[3], larger(3))
}
