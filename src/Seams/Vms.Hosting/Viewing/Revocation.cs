namespace Vms.Hosting;

/// <summary>Rights that somebody had and has no more. Whoever was let in by rights of before that is sent away.</summary>
/// <param name="Generation">Grows with each; of the whole installation.</param>
/// <param name="AccountId">Account or API key; null: everybody.</param>
/// <param name="SignInId">Only what was begun in this sign-in, whenever; null: in any.</param>
/// <param name="CameraIds">Null: all cameras.</param>
/// <param name="NotBefore">Rights as they were read then, or later, are not touched.</param>
/// <param name="Until">Nothing that was issued before it is alive after that.</param>
public sealed record Revocation(
    long Generation, Guid? AccountId, Guid? SignInId, IReadOnlyList<string>? CameraIds, ViewingRight Rights, DateTimeOffset NotBefore, DateTimeOffset Until);

/// <summary>The newest revocation that somebody knows.</summary>
/// <param name="Id">Of that one alone: two databases may have revocations of the same number.</param>
public sealed record RevocationMark(long Generation, string Id)
{
    public static RevocationMark None { get; } = new(0, "");
}

/// <summary>What control tells a plane.</summary>
/// <param name="IsWhole">It replaces what was told before; otherwise it comes on top.</param>
/// <param name="Mark">With this applied.</param>
public sealed record RevocationList(bool IsWhole, RevocationMark Mark, IReadOnlyList<Revocation> Items);

/// <summary>More than a plane keeps came on top: the whole list is wanted, which has been made coarser.</summary>
public sealed class TooManyRevocationsException() : Exception($"A plane keeps at most {RevokedRights.Max} revocations");
