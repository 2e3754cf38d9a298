package jupyter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/show"
)

// executeRequest is the content of an execute_request.
type executeRequest struct {
	Code            string            `json:"code"`
	Silent          bool              `json:"silent"`
	StoreHistory    *bool             `json:"store_history"`
	UserExpressions map[string]string `json:"user_expressions"`
	StopOnError     *bool             `json:"stop_on_error"`
}

// or is *b, or fallback where the client says nothing.
func or(b *bool, fallback bool) bool {
	if b == nil {
		return fallback
	}
	return *b
}

// execute runs a cell.
func (k *kernel) execute(ctx context.Context, m *message) {
	var in executeRequest
	if err := m.read(&in); err != nil {
		e := &engine.Error{Name: "BadRequest", Message: err.Error(), Traceback: []string{err.Error()}}
		k.reply(m, "execute_reply", k.failure(e))
		return
	}
	stored := or(in.StoreHistory, true) && !in.Silent
	if stored {
		k.count++
	}
	if !in.Silent {
		k.publish(m, "execute_input", map[string]any{"code": in.Code, "execution_count": k.count})
	}
	data, failed, expressions := k.run(ctx, m, &in)
	if stored {
		k.history.add(k.count, in.Code, data)
	}
	if data != nil && !in.Silent {
		k.publish(m, "execute_result", map[string]any{
			"execution_count": k.count, "data": data.MIME, "metadata": object(data.Metadata)})
	}
	if failed != nil {
		if !in.Silent {
			k.publish(m, "error", map[string]any{
				"ename": failed.Name, "evalue": failed.Message, "traceback": failed.Traceback})
		}
		if or(in.StopOnError, true) {
			k.abortBefore = time.Now() // before the client can answer the reply
		}
		k.reply(m, "execute_reply", k.failure(failed))
		return
	}
	k.reply(m, "execute_reply", map[string]any{
		"status": "ok", "execution_count": k.count, "payload": []any{}, "user_expressions": expressions})
}

// run evaluates the cell and, when it succeeds, the user expressions. All of
// it can be interrupted.
func (k *kernel) run(ctx context.Context, m *message, in *executeRequest) (*show.Data, *engine.Error, map[string]any) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	k.mu.Lock()
	k.stop = stop
	k.mu.Unlock()
	defer func() {
		k.mu.Lock()
		k.stop = nil
		k.mu.Unlock()
	}()
	out := &output{kernel: k, parent: m, silent: in.Silent}
	data, failed := k.eval(ctx, engine.Cell{Code: in.Code, Name: fmt.Sprintf("In [%d]", k.count)}, out)
	out.close()
	expressions := map[string]any{}
	if failed != nil {
		return data, failed, expressions
	}
	for name, code := range in.UserExpressions {
		value, err := k.eval(ctx, engine.Cell{Code: code, Name: name}, &output{kernel: k, parent: m, silent: true})
		switch {
		case err != nil:
			expressions[name] = map[string]any{
				"status": "error", "ename": err.Name, "evalue": err.Message, "traceback": err.Traceback}
		case value == nil:
			expressions[name] = map[string]any{"status": "ok", "data": map[string]any{"text/plain": ""}, "metadata": map[string]any{}}
		default:
			expressions[name] = map[string]any{"status": "ok", "data": value.MIME, "metadata": object(value.Metadata)}
		}
	}
	return data, nil, expressions
}

// eval calls the engine and makes every error an *engine.Error, a panic of
// the engine too.
func (k *kernel) eval(ctx context.Context, cell engine.Cell, out engine.Output) (data *show.Data, failed *engine.Error) {
	defer func() {
		if r := recover(); r != nil {
			text := fmt.Sprintf("the %s engine failed: %v", k.engine.Name(), r)
			failed = &engine.Error{Name: "EngineError", Message: text, Traceback: []string{text}}
		}
	}()
	data, err := k.engine.Eval(ctx, cell, out)
	if err == nil || errors.As(err, &failed) {
		return data, failed
	}
	return data, &engine.Error{Name: "Error", Message: err.Error(), Traceback: []string{err.Error()}}
}

// failure is the execute_reply of a failed cell.
func (k *kernel) failure(e *engine.Error) map[string]any {
	return map[string]any{
		"status": "error", "execution_count": k.count, "ename": e.Name, "evalue": e.Message,
		"traceback": e.Traceback, "user_expressions": map[string]any{}, "payload": []any{},
	}
}

// object is m, or an empty object for nil.
func object(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}
