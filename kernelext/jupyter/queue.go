package jupyter

import (
	"context"
	"sync"
)

// queue holds the shell requests that wait behind a running cell. It never
// refuses one: a client may send a whole notebook at once.
type queue struct {
	mu   sync.Mutex
	list []*message
	more chan struct{} // has room for one: the list is not empty
}

func newQueue() *queue { return &queue{more: make(chan struct{}, 1)} }

func (q *queue) push(m *message) {
	q.mu.Lock()
	q.list = append(q.list, m)
	q.mu.Unlock()
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// pop waits for the next request; nil means that ctx has ended.
func (q *queue) pop(ctx context.Context) *message {
	for {
		q.mu.Lock()
		if len(q.list) > 0 {
			m := q.list[0]
			q.list = q.list[1:]
			q.mu.Unlock()
			return m
		}
		q.mu.Unlock()
		select {
		case <-q.more:
		case <-ctx.Done():
			return nil
		}
	}
}
