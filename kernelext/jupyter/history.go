package jupyter

import (
	"fmt"
	"path"
	"strings"
	"sync"

	"github.com/lowrankgo/lowrank/kernelext/show"
)

// history remembers the cells of this session.
type history struct {
	mu      sync.Mutex
	entries []entry
}

type entry struct {
	line          int
	input, output string
}

// session is the number of this session; there is no other.
const session = 1

// historyRequest is the content of a history_request.
type historyRequest struct {
	Output  bool   `json:"output"`
	Access  string `json:"hist_access_type"`
	Session int    `json:"session"`
	Start   int    `json:"start"`
	Stop    *int   `json:"stop"`
	N       *int   `json:"n"`
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

func (h *history) add(line int, input string, data *show.Data) {
	e := entry{line: line, input: input}
	if data != nil {
		e.output, _ = data.MIME["text/plain"].(string)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.entries = append(h.entries, e)
}

// find lists the entries that a request asks for, oldest first.
func (h *history) find(in historyRequest) ([]any, error) {
	h.mu.Lock()
	all := append([]entry(nil), h.entries...)
	h.mu.Unlock()
	switch in.Access {
	case "tail":
		all = last(all, in.N)
	case "range":
		all = between(all, in)
	case "search":
		found, err := search(all, in)
		if err != nil {
			return nil, err
		}
		all = last(found, in.N)
	default:
		return nil, fmt.Errorf("hist_access_type is %q, want \"range\", \"tail\" or \"search\"", in.Access)
	}
	list := make([]any, len(all))
	for i, e := range all {
		if in.Output {
			list[i] = []any{session, e.line, []any{e.input, e.output}}
		} else {
			list[i] = []any{session, e.line, e.input}
		}
	}
	return list, nil
}

func last(all []entry, n *int) []entry {
	if n == nil || *n < 0 || *n >= len(all) {
		return all
	}
	return all[len(all)-*n:]
}

// between is the lines from Start to before Stop; session 0 or less counts
// back from this one.
func between(all []entry, in historyRequest) []entry {
	if in.Session != 0 && in.Session != session {
		return nil
	}
	var list []entry
	for _, e := range all {
		if e.line >= in.Start && (in.Stop == nil || e.line < *in.Stop) {
			list = append(list, e)
		}
	}
	return list
}

// search keeps the entries that match a glob pattern; of equal ones the last
// when the request asks for unique entries.
func search(all []entry, in historyRequest) ([]entry, error) {
	if in.Pattern == "" {
		in.Pattern = "*"
	}
	flat := strings.NewReplacer("/", "\x00") // path.Match stops a * at a slash
	pattern := flat.Replace(in.Pattern)
	latest := map[string]int{}
	var list []entry
	for i, e := range all {
		ok, err := path.Match(pattern, flat.Replace(e.input))
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", in.Pattern, err)
		}
		if ok {
			list = append(list, e)
			latest[e.input] = all[i].line
		}
	}
	if !in.Unique {
		return list, nil
	}
	var unique []entry
	for _, e := range list {
		if latest[e.input] == e.line {
			unique = append(unique, e)
		}
	}
	return unique, nil
}
