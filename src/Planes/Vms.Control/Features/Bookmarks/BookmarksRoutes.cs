using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Bookmarks;

internal static class BookmarksRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var bookmarks = app.MapGroup("/api/bookmarks").WithTags("Bookmarks").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503).TellsVersion();
        ListBookmarks.Map(bookmarks);
        AddBookmark.Map(bookmarks);
        PatchBookmark.Map(bookmarks);
        DeleteBookmark.Map(bookmarks);
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("bookmarkNotFound", "There is no such bookmark");
}
