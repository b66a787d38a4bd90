// What assets/site.js and theme.py put into the page's window.

interface Window {
  /** Returns the address of a path of the front door: feed, video, pictures and API. */
  frontDoor(path: string): string;
  /** The playlists that the document named, for its first player. */
  liveAtFirst?: { path: string; playlists: string[] };
}
