// What the pages' documents define, and what the bundler can import.

interface Window {
  /** The address of a path at the site's front door (streaming_app/theme.py). */
  frontDoor(path: string): string;
  /** The playlists that the document named, for its first player. */
  liveAtFirst?: { path: string; playlists: string[] };
}

declare module "*?url" {
  const url: string;
  export default url;
}
