using Vms.Control.Auth;
using Vms.Control.Features.LiveFeed;

namespace Vms.Control.Events;

/// <summary>Tells what control finds out itself: stored at once, also while the bus is away, with what rules have to do for it and with its way to the bus. Any thread.</summary>
internal sealed class OwnEvents(EventStore store, FeedHub hub)
{
    /// <param name="happened">Made by <see cref="BusEvent.OfControl"/>; told twice it is still one event.</param>
    public async Task TellAsync(BusEvent happened, CancellationToken cancellationToken)
    {
        foreach (var view in await store.AddAsync([happened], cancellationToken))
            hub.Publish(new EventMessage(view), Permissions.EventsRead, view.CameraId, view.SiteId);
    }
}
