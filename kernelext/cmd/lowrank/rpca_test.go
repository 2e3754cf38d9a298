package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/lowrankgo/lowrank/datasets"
	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// mixture is U·Vᵀ of rank r, with the share of entries in S of magnitude 5 or
// more, and the three of them.
func mixture(d1, d2, r int, share float64, seed uint64) (y, l *mat.Dense, s map[[2]int]float64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	gaussian := func(d int) *mat.Dense {
		m := mat.NewDense(d, r, nil)
		for i := range d {
			for k := range r {
				m.Set(i, k, rng.NormFloat64())
			}
		}
		return m
	}
	l = mat.NewDense(d1, d2, nil)
	l.Mul(gaussian(d1), gaussian(d2).T())
	y, s = mat.DenseCopyOf(l), map[[2]int]float64{}
	for i := range d1 {
		for j := range d2 {
			if rng.Float64() < share {
				v := 5 + 5*rng.Float64()
				if rng.IntN(2) == 0 {
					v = -v
				}
				s[[2]int{i, j}] = v
				y.Set(i, j, y.At(i, j)+v)
			}
		}
	}
	return y, l, s
}

// npyFile writes a matrix for the command to read.
func npyFile(t *testing.T, x any) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "matrix.npy")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(datasets.WriteNpy(f, x), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// array reads one array of an .npz file.
func array(t *testing.T, path, name string) *mat.Dense {
	t.Helper()
	d, err := datasets.Open(path, &datasets.OpenOptions{Variable: name})
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.Matrix()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// summaryOf reads summary.json.
func summaryOf(t *testing.T, dir string) rpcaReport {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	r := rpcaReport{rpcaSummary: new(rpcaSummary)}
	oneDocument(t, string(b), &r)
	return r
}

// Every method finds the two parts of a matrix that has them, and what is in
// the files is what the summary says.
func TestRPCAFindsBothParts(t *testing.T) {
	y, l, s := mixture(90, 70, 2, 0.04, 5)
	file := npyFile(t, y)
	for _, m := range methods() {
		t.Run(m.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "parts")
			code, stdout, stderr := lowrank(t, "rpca", file, "--rank", "2", "--alpha", "0.15", "--method", m.name, "--out", out, "--json", "--seed", "3", "--threshold", "1", "--tolerance", "1e-6")
			if code != exitOK {
				t.Fatalf("exit %d: %s", code, stderr)
			}
			r := rpcaReport{rpcaSummary: new(rpcaSummary)}
			oneDocument(t, stdout, &r)
			onDisk := summaryOf(t, out)
			if a, b := r, onDisk; mustJSON(t, a) != mustJSON(t, b) {
				t.Errorf("printed %s\nwritten %s", mustJSON(t, a), mustJSON(t, b))
			}
			if !r.Converged || r.Rank != 2 || r.RankOfL != 2 || r.Alpha != 0.15 || r.Seed != 3 || r.Residual > 1e-4 || r.Iterations < 2 || r.Estimate != nil || r.Err != "" {
				t.Errorf("%+v", *r.rpcaSummary)
			}
			var got mat.Dense
			got.Mul(array(t, filepath.Join(out, "factors.npz"), "U"), array(t, filepath.Join(out, "factors.npz"), "V").T())
			got.Sub(&got, l)
			if e := mat.Norm(&got, 2) / mat.Norm(l, 2); e > 1e-3 {
				t.Errorf("relative error of L %v", e)
			}
			sparse := filepath.Join(out, "sparse.npz")
			rows, cols, values := array(t, sparse, "row"), array(t, sparse, "col"), array(t, sparse, "value")
			if n, _ := values.Dims(); n != r.Sparse.Entries {
				t.Errorf("%d entries of S are written, %d reported", n, r.Sparse.Entries)
			}
			found := 0
			for k := range r.Sparse.Entries {
				at := [2]int{int(rows.At(k, 0)), int(cols.At(k, 0))}
				if math.Abs(values.At(k, 0)) <= float64(r.Mask.Threshold) {
					continue
				}
				if math.Abs(values.At(k, 0)-s[at]) > 0.05 {
					t.Errorf("S at %v is %v, want %v", at, values.At(k, 0), s[at])
				}
				found++
			}
			if found != len(s) || r.Mask.Entries != found {
				t.Errorf("%d entries stand out, the mask has %d; want %d", found, r.Mask.Entries, len(s))
			}
			if files, _ := os.ReadDir(out); len(files) != len(r.Files) || strings.Join(r.Files, " ") != "factors.npz sparse.npz summary.json" {
				t.Errorf("%d files; reported are %q", len(files), r.Files)
			}
		})
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What is not given is estimated, and said with its rule.
func TestRPCAEstimates(t *testing.T) {
	y, _, _ := mixture(120, 100, 3, 0.05, 7)
	file := npyFile(t, y)
	for _, given := range [][]string{nil, {"--rank", "3"}, {"--alpha", "0.2"}} {
		out := filepath.Join(t.TempDir(), "parts")
		code, stdout, stderr := lowrank(t, append([]string{"rpca", file, "--out", out}, given...)...)
		if code != exitOK {
			t.Fatalf("%q: exit %d: %s", given, code, stderr)
		}
		r := summaryOf(t, out)
		e := r.Estimate
		if e == nil || r.Rank != 3 || e.Rank == (len(given) > 0 && given[0] == "--rank") || e.Alpha == (len(given) > 0 && given[0] == "--alpha") || len(e.Rule) < 3 {
			t.Fatalf("%q: rank %d, alpha %v, %+v", given, r.Rank, r.Alpha, e)
		}
		if e.Alpha && (r.Alpha < 0.05 || r.Alpha > 0.3 || number(r.Alpha) != e.FitAlpha) {
			t.Errorf("%q: alpha %v, %+v", given, r.Alpha, e)
		}
		mustContain(t, "stderr", stderr, append(e.Rule, "estimating")...)
		mustContain(t, "stdout", stdout, "(estimated)", "rank        3", "S           ", "written     "+out)
		if strings.ContainsAny(stdout+stderr, "\x1b\r") {
			t.Errorf("not plain text: %q", stdout+stderr)
		}
	}
}

// Missing entries are filled in by L.
func TestRPCAOfMissingEntries(t *testing.T) {
	y, l, _ := mixture(80, 60, 1, 0.03, 12)
	hidden := 0
	for k := range 80 * 60 {
		if k%7 == 0 {
			y.Set(k/60, k%60, math.NaN())
			hidden++
		}
	}
	out := t.TempDir()
	code, stdout, stderr := lowrank(t, "rpca", npyFile(t, y), "--rank", "1", "--alpha", "0.2", "--out", out)
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	mustContain(t, "stdout", stdout, "14.3 % missing")
	if r := summaryOf(t, out); r.Input.Observed != 80*60-hidden {
		t.Errorf("%d observed", r.Input.Observed)
	}
	var got mat.Dense
	got.Mul(array(t, filepath.Join(out, "factors.npz"), "U"), array(t, filepath.Join(out, "factors.npz"), "V").T())
	got.Sub(&got, l)
	if e := mat.Norm(&got, 2) / mat.Norm(l, 2); e > 1e-3 {
		t.Errorf("relative error of L %v", e)
	}
}

// A list of entries is a matrix with missing ones.
func TestRPCAOfAList(t *testing.T) {
	y, _, _ := mixture(40, 30, 1, 0.02, 11)
	var b strings.Builder
	b.WriteString("row,col,value\n")
	for k := range 40 * 30 {
		if k%11 != 0 {
			b.WriteString(strings.Join([]string{jsonNumber(k / 30), jsonNumber(k % 30), jsonNumber(y.At(k/30, k%30))}, ",") + "\n")
		}
	}
	out := t.TempDir()
	code, _, stderr := lowrank(t, "rpca", dataFile(t, "list.csv", b.String()), "--rank", "1", "--alpha", "0.2", "--out", out)
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if r := summaryOf(t, out); r.Input.Rows != 40 || r.Input.Cols != 30 || r.Input.Observed != 40*30-110 || r.Residual > 1e-4 {
		t.Errorf("%+v, residual %v", r.Input, r.Residual)
	}
}

func jsonNumber(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// What cannot be done is an error with its reason, one JSON document, and
// nothing left behind.
func TestRPCAFailures(t *testing.T) {
	y, _, _ := mixture(12, 10, 1, 0, 3)
	good := npyFile(t, y)
	file := dataFile(t, "file", "x")
	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{good, "--rank", "0"}, exitUsage, "--rank is 0; at least 1 is wanted"},
		{[]string{good, "--rank", "11", "--alpha", "0.2"}, exitUsage, "rank"},
		{[]string{good, "--alpha", "2"}, exitUsage, "--alpha is 2; a share above 0 and below 1"},
		{[]string{good, "--alpha", "NaN"}, exitUsage, "--alpha is NaN"},
		{[]string{good, "--rank", "1", "--alpha", "0.01"}, exitUsage, "at least one of each needs Gamma·Alpha ≥ 0.1"},
		{[]string{good, "--rank", "1", "--alpha", "0.6", "--gamma", "2"}, exitUsage, "Gamma·Alpha = 1.2"},
		{[]string{good, "--gamma", "0.5"}, exitUsage, "--gamma is 0.5; at least 1"},
		{[]string{good, "--cap", "-1"}, exitUsage, "--cap is -1"},
		{[]string{good, "--tolerance", "0"}, exitUsage, "--tolerance is 0"},
		{[]string{good, "--max-iter", "-1"}, exitUsage, "--max-iter is -1"},
		{[]string{good, "--time", "soon"}, exitUsage, "soon"},
		{[]string{good, "--threshold", "-2"}, exitUsage, "--threshold is -2"},
		{[]string{good, "--rate", "0"}, exitUsage, "--rate is 0"},
		{[]string{good, "--method", "magic"}, exitUsage, `--method is "magic"; one of accaltproj, altproj,`},
		{[]string{good, "--rank", "1", "--alpha", "0.2", "--images"}, exitUsage, "has no frames, so that --images and --video cannot be"},
		{[]string{good, "--images", "--video"}, exitUsage, "[images video]"},
		{[]string{"no-such-file.npy"}, exitFailed, "no file no-such-file.npy"},
		{[]string{dataFile(t, "film.csv", "a,b\nc,d\n")}, exitFailed, "film.csv"},
		{[]string{npyFile(t, []float64{1, 2, 3})}, exitFailed, "rank and alpha cannot be estimated"},
		{nil, exitUsage, "accepts 1 arg"},
	} {
		for _, asJSON := range []bool{false, true} {
			out := filepath.Join(t.TempDir(), "out")
			args := append([]string{"rpca", "--out", out}, tc.args...)
			if asJSON {
				args = append(args, "--json")
			}
			code, stdout, stderr := lowrank(t, args...)
			mustContain(t, strings.Join(tc.args, " "), stderr, tc.want)
			if code != tc.code || !asJSON && stdout != "" {
				t.Errorf("%q: exit %d, want %d; stdout %q", tc.args, code, tc.code, stdout)
			}
			if asJSON {
				var r struct {
					Version int
					Error   string
				}
				if oneDocument(t, stdout, &r); r.Version != 1 || !strings.Contains(r.Error, tc.want) {
					t.Errorf("%q: %+v", tc.args, r)
				}
			}
			if files, _ := os.ReadDir(out); len(files) != 0 {
				t.Errorf("%q: %d files were written", tc.args, len(files))
			}
		}
	}
	for want, args := range map[string][]string{
		`"out" not set`:                     {"rpca", good},
		"--out is empty":                    {"rpca", good, "--out", ""},
		"not a directory":                   {"rpca", good, "--out", file},
		filepath.Base(file) + "/below: not": {"rpca", good, "--out", filepath.Join(file, "below")},
	} {
		code, _, stderr := lowrank(t, args...)
		if code == exitOK || !strings.Contains(stderr, want) {
			t.Errorf("%q: exit %d, %s; want %q", args, code, stderr, want)
		}
	}
}

// A run that did not converge says so, and leaves what it has.
func TestRPCALimits(t *testing.T) {
	y, _, _ := mixture(60, 50, 2, 0.05, 13)
	file := npyFile(t, y)
	for want, args := range map[string][]string{
		"iteration limit": {"--max-iter", "2"},
		"time limit":      {"--time", "1ns"},
	} {
		out := t.TempDir()
		code, stdout, stderr := lowrank(t, append([]string{"rpca", file, "--rank", "2", "--alpha", "0.2", "--out", out}, args...)...)
		if code != exitOK {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		r := summaryOf(t, out)
		if r.Status != want || r.Converged || r.Iterations > 2 {
			t.Errorf("%q after %d steps, converged %t; want %q", r.Status, r.Iterations, r.Converged, want)
		}
		mustContain(t, "stdout", stdout, want)
		mustContain(t, "stderr", stderr, "lowrank: "+want+": it had not converged")
	}
}

// Ctrl-C during the run leaves what the method had by then.
func TestRPCAInterrupted(t *testing.T) {
	y, _, _ := mixture(300, 300, 5, 0.1, 15)
	file, out := npyFile(t, y), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	var stdout bytes.Buffer
	stderr := &cancelAt{text: "at most 1000000 steps", cancel: cancel}
	code := run(ctx, []string{"rpca", file, "--rank", "5", "--alpha", "0.3", "--method", "gd", "--tolerance", "1e-15", "--max-iter", "1000000", "--json", "--out", out}, &stdout, stderr)
	if code != exitInterrupted {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	r := rpcaReport{rpcaSummary: new(rpcaSummary)}
	oneDocument(t, stdout.String(), &r)
	if r.Err != "interrupted" || r.Status != lr.Canceled.String() || r.Converged {
		t.Errorf("%+v", r)
	}
	mustContain(t, "stderr", stderr.String(), "interrupted; what was done is in "+out)
	u := array(t, filepath.Join(out, "factors.npz"), "U")
	if rows, cols := u.Dims(); rows != 300 || cols != 5 {
		t.Errorf("U is %d×%d", rows, cols)
	}
	if onDisk := summaryOf(t, out); onDisk.Status != r.Status || onDisk.Err != r.Err {
		t.Errorf("written: %q, %q", onDisk.Status, onDisk.Err)
	}
}

// cancelAt ends a context when a text is printed.
type cancelAt struct {
	bytes.Buffer
	text   string
	cancel func()
}

func (c *cancelAt) Write(p []byte) (int, error) {
	if strings.Contains(string(p), c.text) {
		c.cancel()
	}
	return c.Buffer.Write(p)
}
