using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
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

    public IEnumerable<Revocation> Revocations => Lists.SelectMany(l => l.Items);

    protected override void Map(WebApplication app)
    {
        app.MapGet(ViewingEndpoints.RevocationsPath, () => Mark);
        app.MapPut(ViewingEndpoints.RevocationsPath, (RevocationList list, HttpContext context) =>
        {
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
            if (IsFull && !list.IsWhole)
                return Results.Conflict();
            Lists.Enqueue(list);
            Mark = list.Mark;
            return Results.Ok(Mark);
        });
    }
}
