package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/mat"

	"github.com/lowrankgo/lowrank/datasets"
	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/tune"
)

// separation is one run of "lowrank rpca".
type separation struct {
	file                  fileFlags
	rank                  int
	alpha, gamma, most    float64
	method                string
	out                   string
	force                 bool
	tolerance             float64
	maxIter               int
	time                  time.Duration
	seed                  uint64
	threshold             float64
	images, video, asJSON bool
	rate                  float64
	rankGiven, alphaGiven bool
	thresholdGiven        bool

	begin  time.Time
	steps  *steps
	chosen rpcaMethod
	data   *datasets.Data
	y      *mat.Dense // the data, NaN where missing
	report rpcaSummary

	failure string // why the run broke down, "" when it did not
}

// failure is what a report says of a run that was interrupted or broke down.
func failure(status lr.Status, ended error) string {
	switch {
	case status == lr.Canceled:
		return "interrupted"
	case ended != nil:
		return ended.Error()
	}
	return ""
}

func newRPCA() *cobra.Command {
	s := &separation{}
	cmd := &cobra.Command{
		Use:   "rpca INPUT --out DIR",
		Short: "Split data into a low-rank and a sparse part: a video into background and foreground",
		Long: `Split a matrix into a low-rank part L = UVᵀ and a sparse one S (robust PCA). Of
a film, whose frames are the columns, L is the background and S is what moves.

INPUT is a video, a folder of images, any other file that "lowrank info" reads,
or the name of a data set (lowrank datasets). Videos are read and written by the
program ffmpeg, which must be installed. Missing entries are filled in by L.

Written to DIR, which must be empty or new (or --force):

  background, foreground, mask   of a film: videos, or folders of images.
                L; |data − L|; and white where S is beyond the threshold
  factors.npz   arrays U and V; L = UVᵀ
  sparse.npz    arrays row, col (from 0) and value of the entries of S
  summary.json  what was done: input, method, status, residual, shares, files

Rank, and the share α of a row or column that may be grossly wrong, are
estimated where they are not given; the rule is printed. Methods:

` + methodTable() + `
Exit status: 0 a result, also where it did not converge, which is said; 1
something went wrong; 2 a command that was not understood; 130 interrupted:
what the method had by then is written.`,
		Example: `  lowrank rpca street.mp4 --width 320 --rank 2 --out street
  lowrank rpca vtest --out people --images
  lowrank rpca matrix.npy --rank 5 --alpha 0.1 --method ircur --out parts --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			fl := cmd.Flags()
			s.rankGiven, s.alphaGiven, s.thresholdGiven = fl.Changed("rank"), fl.Changed("alpha"), fl.Changed("threshold")
			return s.run(cmd, args[0])
		},
	}
	s.flags(cmd)
	return cmd
}

func (s *separation) flags(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&s.out, "out", "", "folder of what is written, created if need be")
	fl.BoolVar(&s.force, "force", false, "write to a folder that is not empty")
	fl.IntVar(&s.rank, "rank", 0, "rank of L (default: estimated)")
	fl.Float64Var(&s.alpha, "alpha", 0, "share of a row or column that may be grossly wrong, below 1 (default: estimated)")
	fl.Float64Var(&s.gamma, "gamma", 1, "slack, at least 1: S has at most the share gamma·alpha")
	fl.Float64Var(&s.most, "cap", 0, "largest magnitude in S; for the gradient methods (default: none)")
	fl.StringVar(&s.method, "method", methods()[0].name, "one of "+strings.Join(methodNames(), ", "))
	fl.Float64Var(&s.tolerance, "tolerance", 1e-7, "residual, or share of the gradient, at which it ends")
	fl.IntVar(&s.maxIter, "max-iter", 0, "most steps (default 200, of a gradient method 1000)")
	fl.DurationVar(&s.time, "time", 0, "most time in the method, as 30s or 5m (default: no limit)")
	fl.Uint64Var(&s.seed, "seed", 0, "of everything random")
	fl.Float64Var(&s.threshold, "threshold", 0, "magnitude, in the data's unit, beyond which an entry of S is in the mask (default: 5 standard deviations of the noise, by the median of |data − L|; of a film at least a tenth of the greys)")
	fl.BoolVar(&s.images, "images", false, "write frames as PNG images (default unless INPUT is a video)")
	fl.BoolVar(&s.video, "video", false, "write frames as videos (default if INPUT is one)")
	fl.Float64Var(&s.rate, "rate", 25, "frames a second of the videos")
	fl.BoolVar(&s.asJSON, "json", false, "print the summary as one JSON document")
	cmd.MarkFlagsMutuallyExclusive("images", "video")
	if err := cmd.MarkFlagRequired("out"); err != nil {
		panic(err) // there is such a flag
	}
	s.file.add(cmd, "reject")
}

// run does it all; every check that needs no data comes before the data.
func (s *separation) run(cmd *cobra.Command, input string) error {
	s.begin = time.Now()
	if err := s.check(); err != nil {
		return err
	}
	if err := s.makeFolder(); err != nil {
		return err
	}
	ctx := cmd.Context()
	s.steps = newSteps(cmd.ErrOrStderr())
	if err := s.read(ctx, input); err != nil {
		return err
	}
	if err := s.estimate(ctx); err != nil {
		return err
	}
	p, err := s.problem()
	if err != nil {
		return err
	}
	res, ended := s.solve(ctx, p)
	if res == nil {
		return ended
	}
	s.failure = failure(res.Status, ended)
	s.steps.say("writing %s", s.out)
	// What is done is kept: writing goes on when ctx has ended. A second Ctrl-C
	// ends the process.
	if err := s.write(context.WithoutCancel(ctx), p, res); err != nil {
		return err
	}
	return s.conclude(cmd, res.Status, ended)
}

// check refuses flags that no data can make right.
func (s *separation) check() error {
	refuse := func(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }
	m, ok := findMethod(s.method)
	s.chosen = m
	switch {
	case !ok:
		return refuse("--method is %q; one of %s is wanted", s.method, strings.Join(methodNames(), ", "))
	case s.rankGiven && s.rank < 1:
		return refuse("--rank is %d; at least 1 is wanted, or none for an estimate", s.rank)
	case s.alphaGiven && !(s.alpha > 0 && s.alpha < 1):
		return refuse("--alpha is %v; a share above 0 and below 1 is wanted, or none for an estimate", s.alpha)
	case !(s.gamma >= 1) || math.IsInf(s.gamma, 0):
		return refuse("--gamma is %v; at least 1 is wanted", s.gamma)
	case !(s.most >= 0):
		return refuse("--cap is %v; a positive magnitude is wanted, or 0 for none", s.most)
	case !(s.tolerance > 0 && s.tolerance < 1):
		return refuse("--tolerance is %v; a number above 0 and below 1 is wanted", s.tolerance)
	case s.maxIter < 0 || s.time < 0:
		return refuse("--max-iter is %d and --time %v; neither may be negative", s.maxIter, s.time)
	case s.thresholdGiven && !(s.threshold >= 0):
		return refuse("--threshold is %v; a magnitude of at least 0 is wanted", s.threshold)
	case !(s.rate > 0 && s.rate <= 1000):
		return refuse("--rate is %v; frames a second, above 0 and at most 1000, are wanted", s.rate)
	case s.out == "":
		return refuse("--out is empty; the folder for what is written is wanted")
	}
	if s.maxIter == 0 {
		s.maxIter = m.maxIter()
	}
	return nil
}

// makeFolder makes the folder, sees that it can be written to, and refuses one
// with files.
func (s *separation) makeFolder() error {
	entries, err := os.ReadDir(s.out)
	switch {
	case err == nil && len(entries) > 0 && !s.force:
		return usageError{fmt.Errorf("--out %s is not empty; give another folder, or --force to replace files there", s.out)}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("--out: %w", err)
	}
	if err := os.MkdirAll(s.out, 0o777); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	probe, err := os.MkdirTemp(s.out, ".probe.*.tmp")
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return os.Remove(probe)
}

// read opens the input.
func (s *separation) read(ctx context.Context, input string) error {
	s.steps.say("reading %s", input)
	d, err := openData(ctx, input, &s.file)
	if err != nil {
		return err
	}
	y, ok := d.Whole()
	if !ok {
		if y, err = d.Matrix(); err != nil {
			return err
		}
	}
	s.data, s.y = d, y
	rows, cols := y.Dims()
	s.report.Input = rpcaInput{Path: input, Name: d.Name, Format: d.Format, Notes: append([]string{}, d.Notes...), Rows: rows, Cols: cols, Height: d.Height, Width: d.Width}
	if least := min(rows, cols); s.rank > least {
		return usageError{fmt.Errorf("--rank is %d; %s is %d×%d, so that at most %d is wanted", s.rank, input, rows, cols, least)}
	}
	if s.frames() == 0 && (s.images || s.video) {
		return usageError{fmt.Errorf("%s has no frames, so that --images and --video cannot be; a video, a folder of images or an array of 3 axes has", input)}
	}
	s.steps.say("%d×%d", rows, cols)
	return ctx.Err()
}

// frames counts the frames of the data; 0 when they are no film.
func (s *separation) frames() int {
	if s.data.Height*s.data.Width == 0 {
		return 0
	}
	rows, cols := s.y.Dims()
	return rows * cols / (s.data.Height * s.data.Width)
}

// estimate finds the rank and α where they are not given.
func (s *separation) estimate(ctx context.Context) error {
	if s.rankGiven && s.alphaGiven {
		return nil
	}
	s.steps.say("estimating %s", s.unknown())
	rows, cols := s.y.Dims()
	o := &tune.RobustPCAOptions{Seed: s.seed}
	if s.rankGiven && s.rank < min(rows, cols) {
		o.MaxRank = s.rank
	}
	e, err := tune.RobustPCA(ctx, s.y, o)
	if err != nil {
		return fmt.Errorf("%s cannot be estimated: %w", s.unknown(), err)
	}
	if e.Rank == 0 && !s.rankGiven {
		return fmt.Errorf("no low-rank part stands out (%s); give --rank", strings.Join(e.Reasons, "; "))
	}
	s.report.Estimate = &rpcaEstimate{
		Rank: !s.rankGiven, Alpha: !s.alphaGiven, FitRank: e.Rank, FitAlpha: number(e.Alpha), Noise: number(e.Noise), Sure: e.Sure,
		Reasons: append([]string{}, e.Reasons...), Rule: strings.Split(strings.TrimSpace(e.String()), "\n"),
	}
	if !s.rankGiven {
		s.rank = e.Rank
	}
	if !s.alphaGiven {
		s.alpha = e.Alpha
	}
	for _, line := range s.report.Estimate.Rule {
		s.steps.say("  %s", line)
	}
	return nil
}

// unknown names what is estimated.
func (s *separation) unknown() string {
	switch {
	case s.rankGiven:
		return "alpha"
	case s.alphaGiven:
		return "rank"
	}
	return "rank and alpha"
}

// problem states the problem. What is out of range for these data, and came
// from the command line, is a usage error.
func (s *separation) problem() (*problem.Split, error) {
	p, err := problem.RobustPCA{Data: s.y, Rank: s.rank, Alpha: s.alpha, Gamma: s.gamma, Cap: s.most}.New()
	if err != nil && (errors.Is(err, lr.ErrRank) || errors.Is(err, lr.ErrValue)) {
		return nil, usageError{err}
	}
	return p, err
}

// solve runs the method. A result comes also with an error, when the run was
// interrupted or broke down.
func (s *separation) solve(ctx context.Context, p lr.Problem) (*lr.Result, error) {
	x0, err := s.chosen.start(p, s.seed)
	if err != nil {
		return nil, err
	}
	method := s.chosen.method(s.seed)
	s.steps.say("solving by %s, at most %d steps", method.Name(), s.maxIter)
	s.steps.begin(s.maxIter, s.time)
	run, err := lr.Start(p, method, x0, &lr.Options{MaxIter: s.maxIter, Time: s.time, Stop: s.chosen.stop(s.tolerance), OnRow: s.steps.row})
	if err != nil {
		return nil, err
	}
	for run.Next(ctx) {
	}
	s.steps.end()
	return run.Result(), run.Err()
}

// path is a file in the folder.
func (s *separation) path(name string) string { return filepath.Join(s.out, name) }
