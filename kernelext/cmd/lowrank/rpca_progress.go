package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// steps tells who waits how far a run is: a bar on a terminal, elsewhere a line
// now and then.
type steps struct {
	w     io.Writer
	tty   bool
	every time.Duration // between lines
	now   func() time.Time

	bar   *progressbar.ProgressBar // during the run, on a terminal
	limit int
	time  time.Duration // limit, or 0
	first time.Time
	last  time.Time // of the last line
}

func newSteps(w io.Writer) *steps {
	s := &steps{w: w, every: 2 * time.Second, now: time.Now}
	if f, ok := w.(*os.File); ok {
		s.tty = term.IsTerminal(int(f.Fd()))
	}
	return s
}

// say prints a line.
func (s *steps) say(format string, args ...any) { fmt.Fprintf(s.w, format+"\n", args...) }

// begin starts a run of so many steps and so much time at most.
func (s *steps) begin(limit int, most time.Duration) {
	s.limit, s.time, s.first = limit, most, s.now()
	s.last = s.first
	if s.tty {
		s.bar = progressbar.NewOptions(limit,
			progressbar.OptionSetWriter(s.w),
			progressbar.OptionSetWidth(30),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionThrottle(50*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
	}
}

// row is for lr.Options.OnRow.
func (s *steps) row(r lr.Row) bool {
	now := s.now()
	text := measure(r)
	if left := s.left(r.Iter, now.Sub(s.first)); left >= 0 {
		text += fmt.Sprintf(", at most %v left", left.Round(time.Second))
	}
	switch {
	case s.bar != nil:
		s.bar.Describe(text)
		s.bar.Set(r.Iter)
	case now.Sub(s.last) >= s.every:
		s.say("step %d of at most %d: %s", r.Iter, s.limit, text)
		s.last = now
	}
	return true
}

// end takes the bar away.
func (s *steps) end() {
	if s.bar != nil {
		s.bar.Clear()
		s.bar = nil
	}
}

// left is how long a run takes at most if steps take as long as they did:
// until the limit of steps or of time, whichever comes first. A run that
// converges ends before, and nobody knows when. It is negative when nothing is
// known yet.
func (s *steps) left(done int, elapsed time.Duration) time.Duration {
	if done < 1 {
		return -1
	}
	left := time.Duration(float64(elapsed) / float64(done) * float64(s.limit-done))
	if s.time > 0 {
		left = min(left, s.time-elapsed)
	}
	return max(left, 0)
}

// measure is what a row says of how far the run is.
func measure(r lr.Row) string {
	switch {
	case !math.IsNaN(r.Residual):
		return fmt.Sprintf("residual %.3g", r.Residual)
	case !math.IsNaN(r.GradNorm):
		return fmt.Sprintf("loss %.5g, gradient %.3g", r.Loss, r.GradNorm)
	}
	return fmt.Sprintf("loss %.5g", r.Loss)
}
