using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.Nvrs;

/// <summary>GET /api/nvrs/{id}/channels: all that the recorder told of last, those that are cameras here and those that are not.</summary>
internal static class ListNvrChannels
{
    /// <param name="Channel">What it is known by at the recorder: its number, or a token of ONVIF.</param>
    /// <param name="Online">Null: the recorder does not say.</param>
    /// <param name="CameraId">Null: it is no camera here.</param>
    /// <param name="Width">Pixels of its main stream; null: unknown.</param>
    /// <param name="Codec">H264, H265, Mjpeg; null: unknown.</param>
    public sealed record ChannelView(string Channel, int Number, string Name, bool? Online, string? CameraId, int? Width, int? Height, string? Codec);

    public static void Map(RouteGroupBuilder nvrs) =>
        nvrs.MapGet("/{id}/channels", Handle).WithName(nameof(ListNvrChannels)).WithSummary("List a recorder's channels.").Needs(Permissions.CamerasRead).ProducesProblem(404);

    private static async Task<Results<Ok<Page<ChannelView>>, ProblemHttpResult>> Handle(
        string id, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (await NvrRow.FindAsync(database, Caller.Of(context), Permissions.CamerasRead, id, cancellationToken) is not { } row)
            return NvrProblems.NotFound();
        await using var command = database.Command("select nvr_channel, id from control.camera where nvr_id = $1 and deleted_at is null", id);
        var cameras = (await command.RowsAsync(r => (Channel: r.GetString(0), Id: r.GetString(1)), cancellationToken)).ToDictionary(c => c.Channel, c => c.Id, StringComparer.Ordinal);
        return TypedResults.Ok(new Page<ChannelView>(
            [
                .. row.Channels.Select(c => new ChannelView(
                    c.Id, c.Number, c.Name, c.Online, cameras.GetValueOrDefault(c.Id), c.Width > 0 ? c.Width : null, c.Height > 0 ? c.Height : null, c.Codec)),
            ],
            null));
    }
}
