using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Vms.Hosting;

namespace Vms.Control.Tests.Support;

/// <summary>A plane that keeps what it is told of revocations, as a test can look at it. What is done with them is tested at the planes.</summary>
internal sealed class ViewingPlane(PlaneOptions options, string name) : FakePlane(options, name)
{
    public ConcurrentQueue<RevocationList> Lists { get; } = new();

    /// <summary>It has kept this; a test may make it forget.</summary>
    public RevocationMark Mark { get; set; } = RevocationMark.None;

    /// <summary>The next list that comes on top is too much for it.</summary>
    public bool IsFull { get; set; }

    /// <summary>Who watched, until control says that it has it.</summary>
    public ConcurrentQueue<ViewingReport> Watched { get; } = new();

    /// <summary>Of the numbers of <see cref="Watched"/>.</summary>
    public Guid Epoch { get; set; } = Guid.NewGuid();

    /// <summary>What control asked with.</summary>
    public ConcurrentQueue<ViewingsRequest> Asked { get; } = new();

    public IEnumerable<Revocation> Revocations => Lists.SelectMany(l => l.Items);

    protected override void Map(WebApplication app)
    {
        app.MapGet(ViewingEndpoints.RevocationsPath, () => Mark);
        app.MapPut(ViewingEndpoints.RevocationsPath, (RevocationList list) =>
        {
            if (IsFull && !list.IsWhole)
                return Results.Conflict();
            Lists.Enqueue(list);
            Mark = list.Mark;
            return Results.Ok(Mark);
        });
        app.MapPost(ViewingEndpoints.ViewingsPath, (ViewingsRequest request) =>
        {
            Asked.Enqueue(request);
            return new ViewingReports(Epoch, [.. Watched], Lost: 0, HasMore: false);
        });
    }
}
