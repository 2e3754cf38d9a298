package jupyter

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
)

// work answers the shell requests in order.
func (k *kernel) work(ctx context.Context) {
	for ctx.Err() == nil {
		m := k.queue.pop(ctx)
		if m == nil {
			return
		}
		k.status(m, "busy")
		quit := false
		switch {
		case m.header.MsgType != "execute_request":
			quit = k.answer(m)
		case m.arrived.Before(k.abortBefore):
			k.reply(m, "execute_reply", map[string]any{"status": "aborted", "execution_count": k.count})
		default:
			k.execute(ctx, m)
		}
		k.status(m, "idle")
		if quit {
			k.quit()
		}
	}
}

func (k *kernel) status(m *message, state string) {
	k.publish(m, "status", map[string]any{"execution_state": state})
}

// handleControl answers a control request at once.
func (k *kernel) handleControl(m *message) {
	k.status(m, "busy")
	quit := k.answer(m)
	k.status(m, "idle")
	if quit {
		k.quit()
	}
}

// answer answers every request but execute. It returns true when the kernel is
// to end.
func (k *kernel) answer(m *message) (quit bool) {
	kind, isRequest := strings.CutSuffix(m.header.MsgType, "_request")
	if !isRequest {
		k.comm(m)
		return false
	}
	handlers := map[string]func(*message) (any, error){
		"kernel_info": k.kernelInfo, "complete": k.complete, "is_complete": k.isComplete, "inspect": k.inspect,
		"history": k.historyReply, "comm_info": k.commInfo, "interrupt": k.interruptReply, "shutdown": k.shutdown,
	}
	handle := handlers[kind]
	if handle == nil {
		k.log.Printf("no answer to %s: not a request of protocol %s", m.header.MsgType, protocolVersion)
		return false
	}
	content, err := handle(m)
	if err != nil {
		content = map[string]any{"status": "error", "ename": "BadRequest", "evalue": err.Error(), "traceback": []string{err.Error()}}
	}
	k.reply(m, kind+"_reply", content)
	if kind == "shutdown" && err == nil {
		k.publish(m, "shutdown_reply", content)
		return true
	}
	return false
}

// read fills what from the content of m.
func (m *message) read(what any) error {
	if err := json.Unmarshal(m.content, what); err != nil {
		return fmt.Errorf("content of %s: %w", m.header.MsgType, err)
	}
	return nil
}

func (k *kernel) kernelInfo(*message) (any, error) {
	links := k.info.HelpLinks
	if links == nil {
		links = []HelpLink{}
	}
	return map[string]any{
		"status":                 "ok",
		"protocol_version":       protocolVersion,
		"implementation":         k.info.Implementation,
		"implementation_version": k.info.Version,
		"language_info": map[string]any{
			"name": "go", "version": strings.TrimPrefix(runtime.Version(), "go"), "mimetype": "text/x-go",
			"file_extension": ".go", "pygments_lexer": "go", "codemirror_mode": "go", "nbconvert_exporter": "script",
		},
		"banner":     k.info.Banner,
		"help_links": links,
		"debugger":   false,
	}, nil
}

func (k *kernel) complete(m *message) (any, error) {
	var in struct {
		Code   string `json:"code"`
		Cursor *int   `json:"cursor_pos"`
	}
	if err := m.read(&in); err != nil {
		return nil, err
	}
	cursor := len([]rune(in.Code))
	if in.Cursor != nil {
		cursor = *in.Cursor
	}
	<-k.ready
	c := k.engine.Complete(in.Code, cursor)
	matches, typed := []string{}, []map[string]any{}
	for _, match := range c.Matches {
		matches = append(matches, match.Text)
		typed = append(typed, map[string]any{"text": match.Text, "type": match.Type, "start": c.Start, "end": c.End})
	}
	return map[string]any{
		"status": "ok", "matches": matches, "cursor_start": c.Start, "cursor_end": c.End,
		"metadata": map[string]any{"_jupyter_types_experimental": typed},
	}, nil
}

func (k *kernel) isComplete(m *message) (any, error) {
	var in struct {
		Code string `json:"code"`
	}
	if err := m.read(&in); err != nil {
		return nil, err
	}
	<-k.ready
	c := k.engine.Check(in.Code)
	reply := map[string]any{"status": c.Status}
	if c.Status == "incomplete" {
		reply["indent"] = c.Indent
	}
	return reply, nil
}

// inspect knows no documentation: engines have no door for it.
func (k *kernel) inspect(*message) (any, error) {
	return map[string]any{"status": "ok", "found": false, "data": map[string]any{}, "metadata": map[string]any{}}, nil
}

func (k *kernel) historyReply(m *message) (any, error) {
	var in historyRequest
	if err := m.read(&in); err != nil {
		return nil, err
	}
	list, err := k.history.find(in)
	if err != nil {
		return nil, err
	}
	return map[string]any{"status": "ok", "history": list}, nil
}

func (k *kernel) commInfo(*message) (any, error) {
	return map[string]any{"status": "ok", "comms": map[string]any{}}, nil
}

// comm refuses to open a comm, as the protocol asks of a kernel that does not
// know its target; other messages of comms belong to none.
func (k *kernel) comm(m *message) {
	var in struct {
		ID string `json:"comm_id"`
	}
	if m.header.MsgType == "comm_open" && m.read(&in) == nil {
		k.publish(m, "comm_close", map[string]any{"comm_id": in.ID, "data": map[string]any{}})
	}
}

func (k *kernel) interruptReply(*message) (any, error) {
	k.interrupt(context.Canceled)
	return map[string]any{"status": "ok"}, nil
}

func (k *kernel) shutdown(m *message) (any, error) {
	var in struct {
		Restart bool `json:"restart"`
	}
	if err := m.read(&in); err != nil {
		return nil, err
	}
	return map[string]any{"status": "ok", "restart": in.Restart}, nil
}
