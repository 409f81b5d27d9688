using Vms.Onvif.Events;
using Vms.Rtp.Payloads;

namespace Vms.Fuzz.Tests.Targets;

/// <summary>What cameras write in XML.</summary>
internal static class OnvifTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } = [new FuzzTarget("onvif-metadata", Metadata) { MaxInput = SampleDepacketizer.MaxSampleSize, MaxAllocated = 4 << 20, ReplayMutations = 1000 }];

    private static void Metadata(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        var notifications = new List<Notification>();
        outcome.Add(MetadataStream.MayNotify(input));
        outcome.Add(MetadataStream.Read(input.ToArray(), notifications));
        if (notifications.Count > MetadataStream.MaxNotifications)
            throw new InvalidDataException("More notifications than there may be.");
        foreach (var notification in notifications)
        {
            outcome.Add((int)notification.Operation);
            outcome.AddSize(notification.Data.Count);
            outcome.Add(EventMeaning.Of(notification)?.Type.Length ?? 0);
        }
    }
}
