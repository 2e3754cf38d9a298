package lowrankgo_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// sample has every kind of number: unknown, infinite, with 17 digits.
func sample() *lr.Trace {
	nan := math.NaN()
	return &lr.Trace{
		Problem: "a \"problem\"", Method: "a method", D1: 4, D2: 3, Rank: 2,
		Version: "1", Arch: "amd64", Variant: "generic", Status: lr.TimeLimit,
		Rows: []lr.Row{
			{Iter: 0, Loss: 1.0 / 3, GradNorm: nan, RelErr: nan, SqErr: nan, Step: nan},
			{Iter: 7, Loss: -5e-324, GradNorm: math.Inf(1), RelErr: 0.1, SqErr: 1.7976931348623157e308, Step: math.Inf(-1), Elapsed: 1500 * time.Millisecond},
		},
	}
}

var columns = []string{"iter", "loss", "grad_norm", "rel_err", "sq_err", "residual", "step", "seconds"}

// table is the trace as its Column method gives it.
func table(t *testing.T, tr *lr.Trace) [][]float64 {
	t.Helper()
	out := make([][]float64, len(tr.Rows))
	for _, name := range columns {
		c, err := tr.Column(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range c {
			out[i] = append(out[i], v)
		}
	}
	return out
}

func sameTable(t *testing.T, got, want [][]float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for i := range want {
		for j, w := range want[i] {
			if g := got[i][j]; g != w && !(math.IsNaN(g) && math.IsNaN(w)) {
				t.Errorf("row %d, %s: %v, want %v", i, columns[j], g, w)
			}
		}
	}
}

func TestColumn(t *testing.T) {
	c, err := sample().Column("seconds")
	if err != nil || len(c) != 2 || c[1] != 1.5 {
		t.Errorf("seconds are %v, error %v", c, err)
	}
	if _, err := sample().Column("los"); err == nil || !strings.Contains(err.Error(), `"los"`) || !strings.Contains(err.Error(), "loss, grad_norm") {
		t.Errorf("an unknown column gives %v; want an error with its name and the known ones", err)
	}
}

func TestCSVRoundTrip(t *testing.T) {
	var b bytes.Buffer
	if err := sample().WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(lines[0]) != fmt.Sprint(columns) {
		t.Errorf("the header is %v", lines[0])
	}
	var got [][]float64
	for _, line := range lines[1:] {
		var row []float64
		for _, f := range line {
			v := math.NaN() // an empty field
			if f != "" {
				if v, err = strconv.ParseFloat(f, 64); err != nil {
					t.Fatal(err)
				}
			}
			row = append(row, v)
		}
		got = append(got, row)
	}
	sameTable(t, got, table(t, sample()))
}

func TestJSONRoundTrip(t *testing.T) {
	var b bytes.Buffer
	if err := sample().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Problem, Method, Version, Arch, Variant, Status string
		Shape                                           [2]int
		Rank                                            int
		Columns                                         []string
		Rows                                            [][]any
	}
	dec := json.NewDecoder(&b)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if doc.Problem != "a \"problem\"" || doc.Method != "a method" || doc.Version != "1" || doc.Arch != "amd64" ||
		doc.Variant != "generic" || doc.Status != "time limit" || doc.Shape != [2]int{4, 3} || doc.Rank != 2 ||
		fmt.Sprint(doc.Columns) != fmt.Sprint(columns) {
		t.Errorf("the document is %+v", doc)
	}
	special := map[any]float64{nil: math.NaN(), "+Inf": math.Inf(1), "-Inf": math.Inf(-1)}
	var got [][]float64
	for _, line := range doc.Rows {
		var row []float64
		for _, f := range line {
			v, ok := f.(float64)
			if !ok {
				if v, ok = special[f]; !ok {
					t.Fatalf("%v is no number", f)
				}
			}
			row = append(row, v)
		}
		got = append(got, row)
	}
	sameTable(t, got, table(t, sample()))
}

// full is a writer that takes n bytes.
type full struct{ n int }

var errFull = errors.New("the disk is full")

func (w *full) Write(p []byte) (int, error) {
	if w.n -= len(p); w.n < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteErrors(t *testing.T) {
	long := sample()
	for range 500 {
		long.Rows = append(long.Rows, long.Rows[1])
	}
	for _, n := range []int{0, 10, 5000} {
		if err := long.WriteCSV(&full{n}); !errors.Is(err, errFull) {
			t.Errorf("CSV to %d bytes gives %v", n, err)
		}
		if err := long.WriteJSON(&full{n}); !errors.Is(err, errFull) {
			t.Errorf("JSON to %d bytes gives %v", n, err)
		}
	}
}

// TestSummary keeps the summary on one screen, with both ends of the run.
func TestSummary(t *testing.T) {
	for _, n := range []int{0, 1, 2, 11, 12, 13, 14, 100, 12345} {
		tr := sample()
		tr.Rows = nil
		for k := range n {
			tr.Rows = append(tr.Rows, lr.Row{Iter: 10 * k, Loss: 1 / float64(k+1), RelErr: math.NaN()})
		}
		s := tr.String()
		lines := strings.Split(s, "\n")
		if len(lines) >= 25 {
			t.Errorf("%d rows make %d lines", n, len(lines))
		}
		for _, line := range lines {
			if len([]rune(line)) > 100 {
				t.Errorf("a line of %d characters: %q", len([]rune(line)), line)
			}
		}
		if want := fmt.Sprintf("time limit after %d iterations", max(0, 10*(n-1))); lines[len(lines)-1] != want {
			t.Errorf("the last line is %q, want %q", lines[len(lines)-1], want)
		}
		if n > 0 && (!strings.Contains(s, " 1.00e+00 ") || !strings.Contains(s, fmt.Sprintf(" %d ", 10*(n-1)))) {
			t.Errorf("%d rows: the first or the last is missing in\n%s", n, s)
		}
		if strings.Contains(s, "NaN") {
			t.Errorf("NaN is printed in\n%s", s)
		}
	}
}

func TestLastOfNothing(t *testing.T) {
	r := (&lr.Trace{}).Last()
	for _, v := range []float64{r.Loss, r.GradNorm, r.RelErr, r.SqErr, r.Step} {
		if !math.IsNaN(v) {
			t.Errorf("a trace without rows has %v in its last row", v)
		}
	}
}
