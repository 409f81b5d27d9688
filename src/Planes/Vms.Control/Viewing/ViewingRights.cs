using System.Text.Json;
using Vms.Control.Auth;
using Vms.Hosting;

namespace Vms.Control.Viewing;

/// <summary>What an account or API key could view and cannot any more.</summary>
/// <param name="AccountId">Null: everybody.</param>
/// <param name="CameraIds">Null: all cameras.</param>
internal sealed record Loss(Guid? AccountId, IReadOnlyList<string>? CameraIds, ViewingRight Rights);

/// <summary>Who may view what, at one moment, in a form to be kept: a byte for each camera and each set of equal rights. Immutable.</summary>
/// <param name="Cameras">In order of their ids.</param>
/// <param name="Sets">Rights by camera, in the order of <paramref name="Cameras"/>.</param>
/// <param name="SetOf">Of accounts and API keys that may view something; number of the set.</param>
/// <param name="HasOneTenant">"All cameras" means the cameras of one tenant.</param>
internal sealed record ViewingRights(string[] Cameras, byte[][] Sets, SortedDictionary<Guid, int> SetOf, bool HasOneTenant)
{
    /// <summary>A loss of more is one of all cameras.</summary>
    public const int MaxCameras = 1000;

    public static ViewingRights Of(RightsSnapshot snapshot)
    {
        string[] cameras = [.. snapshot.Cameras.Keys.Order(StringComparer.Ordinal)];
        var sets = new List<byte[]>();
        var known = new Dictionary<string, int?>(StringComparer.Ordinal);       // by key of the rights; null: nothing to view
        var setOf = new SortedDictionary<Guid, int>();
        foreach (var principal in snapshot.Principals.Where(p => p.Enabled).OrderBy(p => p.Rights.Key, StringComparer.Ordinal))
        {
            if (!known.TryGetValue(principal.Rights.Key, out var set))
            {
                byte[] rights = [.. cameras.Select(id => (byte)RightsOn(principal.Rights, id))];
                if (rights.AsSpan().ContainsAnyExcept((byte)0))
                {
                    set = sets.Count;
                    sets.Add(rights);
                }

                known.Add(principal.Rights.Key, set);
            }

            if (set is { } number)
                setOf.Add(principal.Id, number);
        }

        return new ViewingRights(cameras, [.. sets], setOf, snapshot.HasOneTenant);
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);

    public static ViewingRights FromBytes(byte[] bytes) => JsonSerializer.Deserialize<ViewingRights>(bytes)!;

    /// <summary>Rights that have only grown are no loss.</summary>
    public IReadOnlyList<Loss> LostSince(ViewingRights before)
    {
        // What was let in to all cameras of one tenant must not see the second one's. Whoever may still view comes back with the cameras named.
        if (before.HasOneTenant && !HasOneTenant)
            return [new Loss(null, null, ViewingRight.All)];
        var place = Cameras.Select((id, i) => KeyValuePair.Create(id, i)).ToDictionary(StringComparer.Ordinal);
        int[] placeNow = [.. before.Cameras.Select(id => place.GetValueOrDefault(id, -1))];
        var differences = new Dictionary<(int Before, int? Now), (IReadOnlyList<string>? CameraIds, ViewingRight Rights)[]>();
        var losses = new List<Loss>();
        foreach (var (account, setBefore) in before.SetOf)
        {
            int? setNow = SetOf.TryGetValue(account, out int number) ? number : null;
            if (!differences.TryGetValue((setBefore, setNow), out var difference))
                differences.Add((setBefore, setNow), difference = Difference(before, setBefore, setNow, placeNow));
            losses.AddRange(difference.Select(d => new Loss(account, d.CameraIds, d.Rights)));
        }

        return losses;
    }

    private (IReadOnlyList<string>? CameraIds, ViewingRight Rights)[] Difference(ViewingRights before, int setBefore, int? setNow, int[] placeNow)
    {
        var (had, has) = (before.Sets[setBefore], setNow is { } number ? Sets[number] : []);
        var lost = new SortedDictionary<ViewingRight, List<string>>();
        var left = ViewingRight.None;
        for (int i = 0; i < had.Length; i++)
        {
            var now = placeNow[i] >= 0 && has.Length > 0 ? (ViewingRight)has[placeNow[i]] : ViewingRight.None;
            left |= now;
            if (((ViewingRight)had[i] & ~now) is not ViewingRight.None and var gone)
                (lost.TryGetValue(gone, out var cameras) ? cameras : lost[gone] = []).Add(before.Cameras[i]);
        }

        // What is held for no camera any more is lost for all of them: that is shorter to say, and includes those of a ticket for all.
        return [.. lost.Select(l => ((IReadOnlyList<string>?)(l.Value.Count > MaxCameras || (l.Key & left) == 0 ? null : l.Value), l.Key))];
    }

    private static ViewingRight RightsOn(Rights rights, string cameraId)
    {
        var on = rights.On(cameraId);
        return (on.Has(Permissions.LiveView) ? ViewingRight.Live : 0) | (on.Has(Permissions.RecordingsRead) ? ViewingRight.Playback : 0)
            | (on.Has(Permissions.RecordingsExport) ? ViewingRight.Export : 0) | (on.Has(Permissions.StreamsPublish) ? ViewingRight.Publish : 0);
    }
}
