package notebook

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/show"
)

// scripted is an engine whose cells are names of Go functions.
type scripted map[string]func(ctx context.Context, cell engine.Cell, out engine.Output) (*show.Data, error)

func (s scripted) Eval(ctx context.Context, cell engine.Cell, out engine.Output) (*show.Data, error) {
	return s[cell.Code](ctx, cell, out)
}
func (scripted) Name() string                               { return "scripted" }
func (scripted) Complete(string, int) (c engine.Completion) { return c }
func (scripted) Check(string) (c engine.Completeness)       { return c }
func (scripted) Close() error                               { return nil }

func prints(parts ...string) func(context.Context, engine.Cell, engine.Output) (*show.Data, error) {
	return func(_ context.Context, _ engine.Cell, out engine.Output) (*show.Data, error) {
		for _, p := range parts {
			name, text, _ := strings.Cut(p, ":")
			out.Stream(name, text)
		}
		return nil, nil
	}
}

func shows(mime map[string]any) func(context.Context, engine.Cell, engine.Output) (*show.Data, error) {
	return func(context.Context, engine.Cell, engine.Output) (*show.Data, error) {
		return &show.Data{MIME: mime}, nil
	}
}

func codeNotebook(sources ...string) *Notebook {
	nb := &Notebook{Metadata: map[string]any{}}
	for _, s := range sources {
		nb.Cells = append(nb.Cells, &Cell{Type: Code, Source: s})
	}
	nb.fillIDs()
	return nb
}

func TestExecuteCollectsOutputs(t *testing.T) {
	claim := show.Claim{Item: "[L] Fig 2a", Statement: "s", Measured: math.Inf(1), Relation: ">", Bound: 1, Seed: 3}
	eng := scripted{
		"streams": prints("stdout:a", "stdout:b\n", "stderr:x", "stderr:", "stdout:c"),
		"rich": func(_ context.Context, cell engine.Cell, out engine.Output) (*show.Data, error) {
			if cell.Name != "In [2]" || !cell.Quick {
				return nil, errors.New("wrong cell " + cell.Name)
			}
			out.Stream("stdout", "before")
			out.Display(show.Data{MIME: map[string]any{"text/plain": "p"}, Metadata: map[string]any{"image/png": map[string]int{"width": 3}}})
			return &show.Data{MIME: map[string]any{"text/plain": "r", show.ClaimsMIME: []show.Claim{claim}}}, nil
		},
		"silent": prints(),
	}
	nb := codeNotebook("streams", "  \n", "rich", "silent")
	nb.Cells[1].Outputs = []*Output{{Type: Stream, Name: "stdout", Text: "old"}}
	var progress []int
	err := Execute(t.Context(), nb, eng, &ExecuteOptions{Quick: true, OnCell: func(done, n int) {
		if n != 3 {
			t.Errorf("%d cells, want 3", n)
		}
		progress = append(progress, done)
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(progress) != 4 || progress[0] != 0 || progress[3] != 3 {
		t.Errorf("progress %v", progress)
	}
	var got []string
	for _, o := range nb.Cells[0].Outputs {
		got = append(got, o.Name+":"+o.Text)
	}
	if strings.Join(got, "|") != "stdout:ab\n|stderr:x|stdout:c" {
		t.Errorf("streams %q", got)
	}
	if blank := nb.Cells[1]; blank.ExecutionCount != 0 || len(blank.Outputs) != 0 {
		t.Errorf("the blank cell has count %d and %d outputs", blank.ExecutionCount, len(blank.Outputs))
	}
	rich := nb.Cells[2].Outputs
	if len(rich) != 3 || rich[0].Type != Stream || rich[1].Type != DisplayData || rich[2].Type != ExecuteResult || rich[2].ExecutionCount != 2 {
		t.Fatalf("outputs %+v", rich)
	}
	claims, err := Claims(nb)
	if err != nil || len(claims) != 1 || claims[0] != claim {
		t.Errorf("claims %+v, %v", claims, err)
	}
	b, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	validate(t, schema(t), b)
	again, err := Parse(b, "again")
	if err != nil {
		t.Fatal(err)
	}
	if claims, err := Claims(again); err != nil || len(claims) != 1 || claims[0] != claim {
		t.Errorf("after a round trip: claims %+v, %v", claims, err)
	}
}

func TestExecuteStopsAtTheFirstFailure(t *testing.T) {
	failure := &engine.Error{Name: "Panic", Message: "index out of range", Traceback: []string{"In [2], line 1", "panic"}, Line: 1}
	ran := false
	eng := scripted{
		"good": prints("stdout:ok"),
		"bad": func(_ context.Context, _ engine.Cell, out engine.Output) (*show.Data, error) {
			out.Stream("stdout", "partial")
			return nil, failure
		},
		"never": func(context.Context, engine.Cell, engine.Output) (*show.Data, error) { ran = true; return nil, nil },
	}
	nb := codeNotebook("good", "bad", "never")
	err := Execute(t.Context(), nb, eng, nil)
	var cellErr *CellError
	var engErr *engine.Error
	if !errors.As(err, &cellErr) || cellErr.Cell != 2 || cellErr.ID != nb.Cells[1].ID || !errors.As(err, &engErr) || engErr != failure {
		t.Fatalf("error %v", err)
	}
	if err.Error() != "In [2]: Panic: index out of range" {
		t.Errorf("error %q", err)
	}
	if ran {
		t.Error("the cell behind the failure ran")
	}
	out := nb.Cells[1].Outputs
	if len(out) != 2 || out[0].Text != "partial" || out[1].Type != Error || out[1].EName != "Panic" || len(out[1].Traceback) != 2 {
		t.Errorf("outputs %+v", out)
	}
	if nb.Cells[2].ExecutionCount != 0 {
		t.Error("the cell behind the failure has a count")
	}
	b, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	validate(t, schema(t), b)
}

func TestExecutePlainError(t *testing.T) {
	eng := scripted{"bad": func(context.Context, engine.Cell, engine.Output) (*show.Data, error) {
		return nil, errors.New("engine broke")
	}}
	nb := codeNotebook("bad")
	if err := Execute(t.Context(), nb, eng, nil); err == nil {
		t.Fatal("no error")
	}
	if out := nb.Cells[0].Outputs; len(out) != 1 || out[0].EValue != "engine broke" || len(out[0].Traceback) == 0 {
		t.Errorf("outputs %+v", out)
	}
}

func TestExecuteCancelledKeepsPartialOutputs(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	eng := scripted{
		"long": func(ctx context.Context, _ engine.Cell, out engine.Output) (*show.Data, error) {
			out.Stream("stdout", "row 1\n")
			cancel()
			<-ctx.Done()
			return nil, &engine.Error{Name: "Interrupted", Message: "stopped", Traceback: []string{"stopped"}}
		},
		"next": prints("stdout:no"),
	}
	nb := codeNotebook("long", "next")
	err := Execute(ctx, nb, eng, nil)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v does not wrap context.Canceled", err)
	}
	if out := nb.Cells[0].Outputs; len(out) != 2 || out[0].Text != "row 1\n" || out[1].EName != "Interrupted" {
		t.Errorf("outputs %+v", out)
	}
	nb = codeNotebook("next")
	if err := Execute(ctx, nb, eng, nil); !errors.Is(err, context.Canceled) || len(nb.Cells[0].Outputs) != 0 {
		t.Errorf("with an ended context: %v, outputs %+v", err, nb.Cells[0].Outputs)
	}
}

func TestExecuteUnstorableOutput(t *testing.T) {
	nb := codeNotebook("nan")
	if err := Execute(t.Context(), nb, scripted{"nan": shows(map[string]any{"application/json": math.NaN()})}, nil); err != nil {
		t.Fatal(err)
	}
	out := nb.Cells[0].Outputs
	if len(out) != 1 || out[0].Name != "stderr" || !strings.Contains(out[0].Text, "application/json") {
		t.Errorf("outputs %+v", out[0])
	}
}

func TestCollectorTakesNothingOnceClosed(t *testing.T) {
	var c collector
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				c.Stream("stdout", "x")
			}
		})
	}
	wg.Wait()
	out := c.close()
	c.Stream("stdout", "late")
	c.Display(show.Data{MIME: map[string]any{"text/plain": "late"}})
	if len(out) != 1 || len(out[0].Text) != 800 || len(c.outputs) != 1 {
		t.Errorf("%d outputs, %d bytes", len(out), len(out[0].Text))
	}
}

func TestClaimsReportsWhatIsNotAClaim(t *testing.T) {
	nb := codeNotebook("bad", "good")
	err := Execute(t.Context(), nb, scripted{
		"bad":  shows(map[string]any{show.ClaimsMIME: "hello"}),
		"good": shows(map[string]any{show.ClaimsMIME: []show.Claim{{Statement: "s", Relation: "<", Bound: 1}}}),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := Claims(nb)
	if err == nil || !strings.Contains(err.Error(), "In [1]") {
		t.Errorf("error %v does not name the cell", err)
	}
	if len(claims) != 1 || claims[0].Verdict() != show.Holds {
		t.Errorf("claims %+v", claims)
	}
}
