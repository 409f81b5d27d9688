using Vms.Control.Features.Device;

namespace Vms.Control.Features.Ptz;

/// <summary>What kind of thing waits, which decides what may take its place.</summary>
internal enum PtzKind
{
    /// <summary>Goes on until it is stopped: of those that wait only the latest counts.</summary>
    Move,

    /// <summary>Comes in whatever waits, and takes the place of moves that do.</summary>
    Stop,

    /// <summary>Everything else that changes something: each is done.</summary>
    Other,

    /// <summary>A question, which a stop does not wait for.</summary>
    Read,
}

/// <summary>Something that the mechanics shall do.</summary>
/// <param name="Act">Null when it is done.</param>
/// <param name="Done">Completed with null when it is done, or when something newer has taken its place.</param>
internal sealed record PtzOrder(PtzKind Kind, Func<PtzMotor, CancellationToken, Task<DeviceFault?>> Act, TaskCompletionSource<DeviceFault?> Done);

/// <summary>
/// The orders that wait for a camera, in their order: the latest of several moves, every stop before questions that wait, and a bounded number of the rest. One caller at a time.
/// </summary>
internal sealed class PtzQueue
{
    /// <summary>Orders other than moves and stops.</summary>
    public const int MaxOthers = 8;

    private readonly LinkedList<PtzOrder> _orders = [];

    public bool IsEmpty => _orders.Count == 0;

    /// <returns>Its outcome; null: there is no room.</returns>
    public Task<DeviceFault?>? Add(PtzKind kind, Func<PtzMotor, CancellationToken, Task<DeviceFault?>> act)
    {
        if (kind == PtzKind.Stop)
            DropMoves();
        if (kind is PtzKind.Move or PtzKind.Stop && _orders.Last is { Value: var last } node && last.Kind == kind)
        {
            // Whoever waited for the older one has what he wanted as soon as the newer one is done.
            node.Value = last with { Act = act };
            return last.Done.Task;
        }

        if (kind is PtzKind.Other or PtzKind.Read && _orders.Count(waiting => waiting.Kind is PtzKind.Other or PtzKind.Read) >= MaxOthers)
            return null;
        var order = new PtzOrder(kind, act, new TaskCompletionSource<DeviceFault?>(TaskCreationOptions.RunContinuationsAsynchronously));
        var before = _orders.Last;
        while (kind == PtzKind.Stop && before is { Value.Kind: PtzKind.Read })
            before = before.Previous;
        if (before is null)
            _orders.AddFirst(order);
        else
            _orders.AddAfter(before, order);
        return order.Done.Task;
    }

    /// <param name="moveMayGo">The device has had its rest since the last move.</param>
    /// <returns>Null: nothing waits, or what comes next is a move that has to wait.</returns>
    public PtzOrder? Take(bool moveMayGo)
    {
        if (_orders.First is not { Value: var first } || (first.Kind == PtzKind.Move && !moveMayGo))
            return null;
        _orders.RemoveFirst();
        return first;
    }

    private void DropMoves()
    {
        for (var node = _orders.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.Kind == PtzKind.Move)
            {
                node.Value.Done.TrySetResult(null);
                _orders.Remove(node);
            }

            node = next;
        }
    }
}
